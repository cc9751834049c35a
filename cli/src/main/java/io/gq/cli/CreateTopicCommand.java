package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.NewTopic;
import io.gq.client.admin.TopicDescription;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin create-topic}. */
@Command(
        name = "create-topic",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Makes a topic and waits until all its partitions take writes.")
final class CreateTopicCommand extends AdminCommand {

    /** For the leaders of hundreds of partitions. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Parameters(paramLabel = "NAME", description = "1 to 249 letters, digits, dots, underscores and dashes.")
    String name = "";

    @Option(names = "--partitions", paramLabel = "P", description = "Default: the cluster's.")
    int partitions;

    @Option(names = "--replicas", paramLabel = "R", description = "Of each partition. Default: the cluster's.")
    int replicas;

    @Option(
            names = "--config",
            paramLabel = "KEY=VALUE",
            description = "A setting of the topic, as retention_ms=3600000. May be repeated.")
    Map<String, String> config = Map.of();

    @Option(names = "--validate-only", description = "Say whether it could be made, and how placed; make nothing.")
    boolean validateOnly;

    CreateTopicCommand(Terminal terminal) {
        super(terminal, TIMEOUT);
    }

    @Override
    int run(Admin admin) {
        if (partitions < 0 || replicas < 0) {
            throw new UsageException(
                    "--partitions: " + partitions + ", --replicas: " + replicas + " (expected: >= 1 each)");
        }
        NewTopic topic = new NewTopic(name, partitions, replicas, config);
        TopicDescription made = validateOnly ? admin.validateTopic(topic) : admin.createTopic(topic);
        reply(Shown.json(made), (validateOnly ? "valid, not made: " : "") + Shown.text(made));
        return ExitCodes.OK;
    }
}
