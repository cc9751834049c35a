package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.TopicInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the client knows of the cluster at one moment. Immutable; knowledge only grows newer: a leader is replaced by one of a
 * higher term only, whoever tells it.
 *
 * @param imageVersion of the newest cluster image an answer was made from
 * @param brokers where each node listens for clients
 * @param alive the nodes last known to be alive
 * @param missing topics the newest image does not hold
 */
public record ClusterView(
        long imageVersion,
        Map<Integer, BrokerAddress> brokers,
        Set<Integer> alive,
        Map<String, TopicView> topics,
        Set<String> missing) {

    public static final ClusterView EMPTY = new ClusterView(-1, Map.of(), Set.of(), Map.of(), Set.of());

    public ClusterView {
        brokers = Map.copyOf(brokers);
        alive = Set.copyOf(alive);
        topics = Map.copyOf(topics);
        missing = Set.copyOf(missing);
    }

    public Optional<PartitionView> partition(TopicPartition tp) {
        TopicView topic = topics.get(tp.topic());
        return topic == null || tp.partition() >= topic.partitions().size()
                ? Optional.empty()
                : Optional.of(topic.partitions().get(tp.partition()));
    }

    /** Where the node listens, if it is known. */
    public Optional<BrokerAddress> address(int node) {
        return Optional.ofNullable(brokers.get(node));
    }

    ClusterView mergedWith(MetadataResponse answer) {
        boolean stale = answer.getImageVersion() < imageVersion;
        Map<Integer, BrokerAddress> newBrokers = stale ? new TreeMap<>(brokers) : new TreeMap<>();
        for (BrokerInfo broker : answer.getBrokersList()) {
            Endpoint endpoint = broker.getEndpoint();
            if (endpoint.getPort() > 0 && !endpoint.getHost().isEmpty()) {
                BrokerAddress address = new BrokerAddress(endpoint.getHost(), endpoint.getPort());
                if (stale) {
                    newBrokers.putIfAbsent(broker.getNodeId(), address);
                } else {
                    newBrokers.put(broker.getNodeId(), address);
                }
            }
        }
        Set<Integer> newAlive = stale
                ? alive
                : answer.getBrokersList().stream()
                        .filter(BrokerInfo::getAlive)
                        .map(BrokerInfo::getNodeId)
                        .collect(Collectors.toSet());
        Map<String, TopicView> newTopics = new HashMap<>(topics);
        Set<String> newMissing = new HashSet<>(missing);
        for (TopicInfo info : answer.getTopicsList()) {
            if (!info.hasError()) {
                mergeTopic(newTopics, TopicView.of(info), stale);
                newMissing.remove(info.getName());
            } else if (!stale) {
                newTopics.remove(info.getName());
                newMissing.add(info.getName());
            }
        }
        return new ClusterView(
                Math.max(imageVersion, answer.getImageVersion()), newBrokers, newAlive, newTopics, newMissing);
    }

    private static void mergeTopic(Map<String, TopicView> topics, TopicView fresh, boolean stale) {
        TopicView old = topics.get(fresh.name());
        if (old == null) {
            topics.put(fresh.name(), fresh);
        } else if (!stale || old.id().equals(fresh.id())) {
            topics.put(fresh.name(), old.mergedWith(fresh));
        }
    }

    /** With what a refusal told of the leader; unchanged where that is not newer. */
    ClusterView withHint(TopicPartition tp, LeaderHint hint) {
        TopicView topic = topics.get(tp.topic());
        return topic == null
                ? this
                : withLeaders(List.of(NewLeader.newBuilder()
                        .setTopic(topic.ref())
                        .setPartition(tp.partition())
                        .setLeader(hint)
                        .build()));
    }

    /** With what a broker told of leaders; unchanged where none is newer. */
    ClusterView withLeaders(List<NewLeader> leaders) {
        Map<Integer, BrokerAddress> newBrokers = new HashMap<>(brokers);
        Map<String, List<PartitionView>> changed = new HashMap<>();
        for (NewLeader told : leaders) {
            LeaderHint hint = told.getLeader();
            TopicView topic = topics.get(told.getTopic().getName());
            if (hint.getNodeId() == 0
                    || topic == null
                    || !topic.id().equals(told.getTopic().getId())
                    || told.getPartition() >= topic.partitions().size()) {
                continue;
            }
            Endpoint endpoint = hint.getEndpoint();
            if (endpoint.getPort() > 0) {
                newBrokers.putIfAbsent(hint.getNodeId(), new BrokerAddress(endpoint.getHost(), endpoint.getPort()));
            }
            List<PartitionView> partitions =
                    changed.computeIfAbsent(topic.name(), name -> new ArrayList<>(topic.partitions()));
            PartitionView old = partitions.get(told.getPartition());
            partitions.set(
                    told.getPartition(),
                    old.mergedWith(new PartitionView(hint.getNodeId(), hint.getTerm(), old.replicas())));
        }
        if (changed.isEmpty()) {
            return this;
        }
        Map<String, TopicView> newTopics = new HashMap<>(topics);
        changed.forEach((name, partitions) -> newTopics.computeIfPresent(
                name, (n, topic) -> new TopicView(n, topic.id(), partitions, topic.config())));
        return new ClusterView(imageVersion, newBrokers, alive, newTopics, missing);
    }
}
