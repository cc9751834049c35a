package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.core.TopicPartition;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin transfer-leader}. */
@Command(
        name = "transfer-leader",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Hands the lead of a partition to another of its replicas.")
final class TransferLeaderCommand extends AdminCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name = "";

    @Option(names = "--partition", paramLabel = "N", required = true, description = "The partition.")
    int partition;

    @Option(names = "--to", paramLabel = "NODE", description = "Default: the preferred leader.")
    int to;

    TransferLeaderCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        if (partition < 0 || to < 0) {
            throw new UsageException("--partition: " + partition + ", --to: " + to + " (expected: >= 0)");
        }
        admin.transferLeader(new TopicPartition(name, partition), to);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", name);
        json.put("partition", partition);
        json.put("to", to);
        done(json, "leader of " + name + "-" + partition + ": " + (to == 0 ? "the preferred one" : "node " + to));
        return ExitCodes.OK;
    }
}
