package io.gq.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code gq-admin}: topics and the cluster. */
@Command(
        name = "gq-admin",
        mixinStandardHelpOptions = true,
        version = "gq-admin 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, shows and changes topics, and shows the cluster.")
public final class GqAdmin {

    private GqAdmin() {}

    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    static int run(Terminal terminal, String... args) {
        CommandLine root = new CommandLine(new GqAdmin())
                .addSubcommand(new CreateTopicCommand(terminal))
                .addSubcommand(new ListTopicsCommand(terminal))
                .addSubcommand(new DescribeTopicCommand(terminal))
                .addSubcommand(new AlterTopicCommand(terminal))
                .addSubcommand(new DeleteTopicCommand(terminal))
                .addSubcommand(new AddPartitionsCommand(terminal))
                .addSubcommand(new DescribeClusterCommand(terminal))
                .addSubcommand(new TransferLeaderCommand(terminal))
                .addSubcommand(new BalanceLeadersCommand(terminal))
                .addSubcommand(new WhyNoLeaderCommand(terminal))
                .addSubcommand(new RecoverReplicatedCommand(terminal))
                .addSubcommand(new VerifyCommand(terminal));
        return new Commands(root, terminal).run(args);
    }
}
