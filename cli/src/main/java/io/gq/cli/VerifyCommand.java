package io.gq.cli;

import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.PartitionVerification;
import io.gq.client.admin.ReplicaVerification;
import io.gq.client.admin.TopicDescription;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin verify}. A data directory is looked through by the broker's own code; {@code bin/gq-admin} starts that one. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Whether what is stored is what was written. Every replica of the topic (or of all topics) reads all its committed records "
                    + "from its disk, holds them against their checksums, and makes a digest to be compared with the other "
                    + "replicas'. A damaged replica is rebuilt from its peers then. Exit code 1 where anything is wrong.",
            "With --data-dir: looks through the directory of a broker that does not run, and changes nothing."
        })
final class VerifyCommand extends AdminCommand {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final int DIGEST_SHOWN = 16;

    @Parameters(index = "0", arity = "0..1", paramLabel = "TOPIC", description = "The topic. Default: all topics.")
    String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PARTITION",
            description = "The partition. Default: all of them.")
    @Nullable
    Integer partition;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Look through this directory of a broker that does not run, without asking anybody.")
    String dataDir = "";

    VerifyCommand(Terminal terminal) {
        super(terminal, TIMEOUT);
    }

    @Override
    int run(Admin admin) {
        if (!dataDir.isEmpty()) {
            throw new UsageException(
                    "--data-dir: " + dataDir + " (expected: bin/gq-admin, which starts the broker's verification)");
        }
        List<PartitionVerification> verified = new ArrayList<>();
        wanted(admin).forEach(p -> verified.add(admin.verify(p)));
        boolean clean = verified.stream().allMatch(PartitionVerification::clean);
        reply(json(verified, clean), text(verified, clean));
        return clean ? ExitCodes.OK : ExitCodes.ERROR;
    }

    private List<TopicPartition> wanted(Admin admin) {
        List<TopicDescription> topics = topic.isEmpty()
                ? admin.listTopics()
                : List.of(admin.describeTopic(topic, List.of(0)).topic());
        List<TopicPartition> wanted = new ArrayList<>();
        for (TopicDescription found : topics) {
            for (PartitionDescription p : found.partitions()) {
                if (partition == null || partition == p.partition()) {
                    wanted.add(new TopicPartition(found.name(), p.partition()));
                }
            }
        }
        if (wanted.isEmpty() && partition != null) {
            throw new GqException(
                    ErrorCode.UNKNOWN_PARTITION, "partition: " + partition + " (expected: one of topic " + topic + ")");
        }
        return wanted;
    }

    private static Map<String, Object> json(List<PartitionVerification> verified, boolean clean) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean", clean);
        json.put("partitions", verified.stream().map(VerifyCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(PartitionVerification verified) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", verified.partition().topic());
        json.put("partition", verified.partition().partition());
        json.put("clean", verified.clean());
        json.put("equal", verified.equal());
        json.put("digest_from_offset", verified.fromOffset());
        json.put("digest_to_offset", verified.toOffset());
        json.put(
                "replicas",
                verified.replicas().stream().map(VerifyCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(ReplicaVerification replica) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("node", replica.node());
        json.put("role", replica.role());
        json.put("clean", replica.clean());
        json.put("start_offset", replica.startOffset());
        json.put("verified_to_offset", replica.endOffset());
        json.put("bytes", replica.bytes());
        json.put("digest", replica.digest());
        json.put("damage", replica.damage());
        json.put("error", replica.error());
        return json;
    }

    private static String text(List<PartitionVerification> verified, boolean clean) {
        Table table = new Table(
                "TOPIC", "PARTITION", "NODE", "ROLE", "START", "VERIFIED TO", "BYTES", "DIGEST TO", "DIGEST", "RESULT");
        int replicas = 0;
        for (PartitionVerification p : verified) {
            for (ReplicaVerification r : p.replicas()) {
                replicas++;
                boolean read = r.error().isEmpty();
                table.row(
                        p.partition().topic(),
                        p.partition().partition(),
                        r.node(),
                        r.role(),
                        read ? r.startOffset() : "-",
                        read ? r.endOffset() : "-",
                        read ? r.bytes() : "-",
                        p.toOffset(),
                        read
                                ? r.digest()
                                        .substring(
                                                0,
                                                Math.min(
                                                        DIGEST_SHOWN, r.digest().length()))
                                : "-",
                        result(p, r));
            }
        }
        return table.text() + "\n" + verified.size() + " partitions, " + replicas + " replicas: "
                + (clean ? "all is as it was written" : "NOT all is as it was written") + "\n";
    }

    private static String result(PartitionVerification p, ReplicaVerification r) {
        if (!r.error().isEmpty()) {
            return "NOT VERIFIED: " + r.error();
        }
        if (!r.damage().isEmpty()) {
            String more = r.damage().size() == 1 ? "" : " (and " + (r.damage().size() - 1) + " more)";
            return "DAMAGED: " + r.damage().get(0) + more;
        }
        return p.equal() ? "ok" : "DIFFERS from another replica";
    }
}
