package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.TopicDetails;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gq-admin describe-topic}. */
@Command(
        name = "describe-topic",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "One topic: settings, leaders, and what each replica says of itself.")
final class DescribeTopicCommand extends AdminCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name = "";

    DescribeTopicCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        TopicDetails details = admin.describeTopic(name);
        reply(Shown.json(details), Shown.text(details));
        return ExitCodes.OK;
    }
}
