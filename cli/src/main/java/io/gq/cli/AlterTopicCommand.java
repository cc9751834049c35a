package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.TopicDescription;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin alter-topic}. */
@Command(
        name = "alter-topic",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Changes settings of a topic.")
final class AlterTopicCommand extends AdminCommand {

    @Parameters(paramLabel = "NAME", description = "The topic.")
    String name = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting, as retention_ms=3600000. May be repeated.")
    Map<String, String> set = Map.of();

    @Option(names = "--unset", paramLabel = "KEY", description = "Back to the default. May be repeated.")
    List<String> unset = List.of();

    AlterTopicCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        if (set.isEmpty() && unset.isEmpty()) {
            throw new UsageException("--set, --unset: none given (expected: at least one)");
        }
        TopicDescription now = admin.alterTopic(name, set, unset);
        reply(Shown.json(now), Shown.text(now));
        return ExitCodes.OK;
    }
}
