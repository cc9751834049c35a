package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.TopicDescription;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code gq-admin list-topics}. */
@Command(
        name = "list-topics",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Every topic with its partitions and replicas.")
final class ListTopicsCommand extends AdminCommand {

    ListTopicsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        List<TopicDescription> topics = admin.listTopics();
        Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS", "WITHOUT LEADER");
        for (TopicDescription topic : topics) {
            long leaderless =
                    topic.partitions().stream().filter(p -> p.leader() == 0).count();
            int replicas = topic.partitions().isEmpty()
                    ? 0
                    : topic.partitions().get(0).replicas().size();
            table.row(topic.name(), topic.partitions().size(), replicas, leaderless);
        }
        reply(topics.stream().map(Shown::json).toList(), table.text());
        return ExitCodes.OK;
    }
}
