package io.gq.cli;

import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.ReplicaDescription;
import io.gq.client.admin.TopicDetails;
import io.gq.core.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code gq-admin why-no-leader}. */
@Command(
        name = "why-no-leader",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Why nobody leads a partition: what each replica says of itself, and in one sentence what is missing and "
                        + "what to do. A broker that does not answer is waited for ten seconds.")
final class WhyNoLeaderCommand extends AdminCommand {

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    String topic = "";

    @Parameters(index = "1", paramLabel = "PARTITION", description = "The partition.")
    int partition;

    WhyNoLeaderCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        TopicDetails details = admin.describeTopic(topic, List.of(partition));
        PartitionDescription wanted = details.topic().partitions().stream()
                .filter(p -> p.partition() == partition)
                .findFirst()
                .orElseThrow(() -> new GqException(
                        ErrorCode.UNKNOWN_PARTITION,
                        "partition: " + partition + " (expected: 0 to "
                                + (details.topic().partitions().size() - 1) + ")"));
        List<ReplicaDescription> replicas = details.replicas().stream()
                .filter(replica -> replica.partition() == partition)
                .toList();
        LeaderDiagnosis diagnosis = LeaderDiagnosis.of(wanted, replicas);
        reply(json(wanted, replicas, diagnosis), text(replicas, diagnosis));
        return diagnosis.healthy() ? ExitCodes.OK : ExitCodes.UNHEALTHY;
    }

    private Map<String, Object> json(
            PartitionDescription wanted, List<ReplicaDescription> replicas, LeaderDiagnosis diagnosis) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (ReplicaDescription replica : replicas) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("node", replica.node());
            one.put("reachable", replica.reachable());
            one.put("role", replica.role());
            one.put("follows", replica.follows());
            one.put("term", replica.term());
            one.put("last_index", replica.lastIndex());
            one.put("commit_index", replica.commitIndex());
            one.put("voted_for", replica.votedFor());
            one.put("disk", disk(replica));
            one.put("disk_free_bytes", replica.diskFreeBytes());
            one.put("error", replica.error());
            all.add(one);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", topic);
        json.put("partition", partition);
        json.put("leader", wanted.leader());
        json.put("healthy", diagnosis.healthy());
        json.put("why", diagnosis.sentence());
        json.put("replicas", all);
        return json;
    }

    private static String text(List<ReplicaDescription> replicas, LeaderDiagnosis diagnosis) {
        Table table = new Table(
                "NODE", "REACHABLE", "ROLE", "FOLLOWS", "TERM", "LAST INDEX", "COMMIT", "VOTED FOR", "DISK", "ERROR");
        for (ReplicaDescription replica : replicas) {
            table.row(
                    replica.node(),
                    replica.reachable() ? "yes" : "no",
                    replica.role(),
                    node(replica.follows()),
                    replica.term(),
                    replica.lastIndex(),
                    replica.commitIndex(),
                    node(replica.votedFor()),
                    disk(replica),
                    replica.error());
        }
        return table.text() + "\n" + diagnosis.sentence() + "\n";
    }

    private static String node(int node) {
        return node == 0 ? "-" : Integer.toString(node);
    }

    private static String disk(ReplicaDescription replica) {
        if (!replica.error().isEmpty()) {
            return "?";
        }
        return replica.diskFull() ? "FULL" : "ok";
    }
}
