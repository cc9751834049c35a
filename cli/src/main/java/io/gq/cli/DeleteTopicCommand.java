package io.gq.cli;

import io.gq.client.admin.Admin;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gq-admin delete-topic}. */
@Command(
        name = "delete-topic",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Deletes a topic, its records and its files on every broker.")
final class DeleteTopicCommand extends AdminCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name = "";

    DeleteTopicCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        admin.deleteTopic(name);
        done(Map.of("deleted", name), "deleted topic " + name);
        return ExitCodes.OK;
    }
}
