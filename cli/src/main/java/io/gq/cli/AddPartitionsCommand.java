package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.TopicDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin add-partitions}. */
@Command(
        name = "add-partitions",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Gives a topic more partitions and waits until they take writes.",
            "Keys may go to other partitions from then on."
        })
final class AddPartitionsCommand extends AdminCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name = "";

    @Option(names = "--partitions", paramLabel = "P", required = true, description = "The new total.")
    int partitions;

    AddPartitionsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        TopicDescription now = admin.addPartitions(name, partitions);
        reply(Shown.json(now), Shown.text(now));
        return ExitCodes.OK;
    }
}
