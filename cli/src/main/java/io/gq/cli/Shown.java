package io.gq.cli;

import io.gq.client.admin.BrokerDescription;
import io.gq.client.admin.ClusterDescription;
import io.gq.client.admin.MeshPeerDescription;
import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.ReplicaDescription;
import io.gq.client.admin.TopicDescription;
import io.gq.client.admin.TopicDetails;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Topics and the cluster, as JSON and as text. */
final class Shown {

    private Shown() {}

    static Map<String, Object> json(TopicDescription topic) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", topic.name());
        json.put("id", topic.id());
        json.put("partitions", topic.partitions().stream().map(Shown::json).toList());
        json.put("config", new TreeMap<>(topic.config()));
        return json;
    }

    private static Map<String, Object> json(PartitionDescription partition) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("partition", partition.partition());
        json.put("leader", partition.leader());
        json.put("term", partition.term());
        json.put("replicas", partition.replicas());
        json.put("group_id", partition.groupId());
        return json;
    }

    static Map<String, Object> json(TopicDetails details) {
        Map<String, Object> json = json(details.topic());
        List<Map<String, Object>> replicas = new ArrayList<>();
        for (ReplicaDescription replica : details.replicas()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("partition", replica.partition());
            one.put("node", replica.node());
            one.put("role", replica.role());
            one.put("term", replica.term());
            one.put("last_index", replica.lastIndex());
            one.put("commit_index", replica.commitIndex());
            one.put("log_start_offset", replica.logStartOffset());
            one.put("high_watermark", replica.highWatermark());
            one.put("log_end_offset", replica.logEndOffset());
            one.put("bytes", replica.bytes());
            one.put("digest", replica.digest());
            one.put("error", replica.error());
            one.put("peer_id", replica.peerId());
            replicas.add(one);
        }
        json.put("replicas", replicas);
        return json;
    }

    static Map<String, Object> json(ClusterDescription cluster) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("cluster_id", cluster.clusterId());
        json.put("controller", cluster.controller());
        json.put("controller_voters", cluster.controllerVoters());
        json.put("image_version", cluster.imageVersion());
        json.put("feature_level", cluster.featureLevel());
        json.put("topics", cluster.topics());
        json.put("partitions", cluster.partitions());
        json.put("leaderless_partitions", cluster.leaderlessPartitions());
        json.put("healthy", cluster.healthy());
        List<Map<String, Object>> brokers = new ArrayList<>();
        for (BrokerDescription broker : cluster.brokers()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("node", broker.node());
            one.put("address", broker.address());
            one.put("rack", broker.rack());
            one.put("alive", broker.alive());
            one.put("incarnation", broker.incarnation());
            one.put("replicas", broker.replicas());
            one.put("leaders", broker.leaders());
            brokers.add(one);
        }
        json.put("brokers", brokers);
        json.put("answered_by", cluster.answeredBy());
        json.put("mesh", cluster.mesh().stream().map(Shown::json).toList());
        return json;
    }

    private static Map<String, Object> json(MeshPeerDescription peer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("node", peer.node());
        json.put("state", peer.state());
        json.put("silent_ms", peer.silentMs());
        json.put("limit_ms", peer.limitMs());
        json.put("gap_max_ms", peer.gapMaxMs());
        json.put("deaths", peer.deaths());
        return json;
    }

    static String text(TopicDescription topic) {
        Table table = new Table("PARTITION", "LEADER", "TERM", "REPLICAS");
        for (PartitionDescription p : topic.partitions()) {
            table.row(p.partition(), leader(p), p.term(), list(p.replicas()));
        }
        return head(topic) + table.text();
    }

    static String text(TopicDetails details) {
        Table table = new Table("PARTITION", "NODE", "ROLE", "TERM", "START", "HIGH WATERMARK", "END", "BYTES", "NOTE");
        for (PartitionDescription p : details.topic().partitions()) {
            for (int node : p.replicas()) {
                ReplicaDescription replica = details.replicas().stream()
                        .filter(r -> r.partition() == p.partition() && r.node() == node)
                        .findFirst()
                        .orElse(null);
                if (replica == null) {
                    table.row(p.partition(), node, "NO ANSWER", "-", "-", "-", "-", "-", "");
                } else {
                    table.row(
                            p.partition(),
                            node,
                            replica.role(),
                            replica.term(),
                            replica.logStartOffset(),
                            replica.highWatermark(),
                            replica.logEndOffset(),
                            replica.bytes(),
                            replica.error());
                }
            }
        }
        return head(details.topic()) + table.text();
    }

    static String text(ClusterDescription cluster) {
        Table table = new Table("NODE", "ADDRESS", "STATE", "REPLICAS", "LEADERS", "RACK");
        for (BrokerDescription b : cluster.brokers()) {
            table.row(b.node(), b.address(), b.alive() ? "alive" : "DOWN", b.replicas(), b.leaders(), b.rack());
        }
        return "cluster " + cluster.clusterId() + ": " + (cluster.healthy() ? "healthy" : "UNHEALTHY") + "\n"
                + "controller " + (cluster.controller() == 0 ? "none" : cluster.controller()) + " of "
                + list(cluster.controllerVoters()) + ", topics " + cluster.topics() + ", partitions "
                + cluster.partitions() + ", without leader " + cluster.leaderlessPartitions() + "\n"
                + table.text()
                + mesh(cluster);
    }

    private static String mesh(ClusterDescription cluster) {
        if (cluster.mesh().isEmpty()) {
            return "";
        }
        Table table = new Table("NODE", "SEEN AS", "SILENT MS", "LIMIT MS", "LONGEST GAP MS", "DEATHS");
        for (MeshPeerDescription peer : cluster.mesh()) {
            table.row(
                    peer.node(),
                    peer.state(),
                    peer.silentMs() < 0 ? "-" : peer.silentMs(),
                    peer.limitMs(),
                    peer.gapMaxMs(),
                    peer.deaths());
        }
        return "liveness mesh as node " + cluster.answeredBy() + " sees it\n" + table.text();
    }

    private static String head(TopicDescription topic) {
        String config = new TreeMap<>(topic.config())
                .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(", "));
        return "topic " + topic.name() + " (" + topic.id() + ")\n"
                + (config.isEmpty() ? "" : "config " + config + "\n");
    }

    private static Object leader(PartitionDescription partition) {
        return partition.leader() == 0 ? "-" : partition.leader();
    }

    private static String list(List<Integer> nodes) {
        return nodes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
