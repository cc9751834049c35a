package io.gq.client.fake;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.proto.v1.BrokerInfo;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Brokers that share one log in memory, as if replication took no time, and do what a test tells them. Its monitor guards all
 * state.
 */
public final class FakeCluster implements AutoCloseable {

    private static final Set<String> SETTINGS =
            Set.of("max_message_size", "segment_bytes", "compression_type", "durability");

    private final String clusterId = UUID.randomUUID().toString();
    private final Map<Integer, FakeBroker> brokers = new TreeMap<>();
    private final Map<String, FakeTopic> topics = new TreeMap<>();
    private BiFunction<FakeBroker, TopicPartition, Trouble> troubles = (broker, tp) -> Trouble.NONE;
    private long nextProducerId = 1000;
    private int producerIds;
    private long imageVersion = 1;
    private int replicasDefault;
    private int listingsBeforeLeaders;

    /** Starts so many brokers, numbered from 1. */
    public static FakeCluster start(int nodes) {
        FakeCluster cluster = new FakeCluster();
        for (int node = 1; node <= nodes; node++) {
            cluster.brokers.put(node, new FakeBroker(cluster, node));
        }
        cluster.replicasDefault = nodes;
        cluster.brokers.values().forEach(FakeBroker::start);
        return cluster;
    }

    public String clusterId() {
        return clusterId;
    }

    public String bootstrap() {
        return brokers.values().stream().map(b -> "127.0.0.1:" + b.port()).collect(Collectors.joining(","));
    }

    public FakeBroker broker(int node) {
        FakeBroker broker = brokers.get(node);
        if (broker == null) {
            throw new IllegalArgumentException("node: " + node);
        }
        return broker;
    }

    public Collection<FakeBroker> brokers() {
        return brokers.values();
    }

    /** Decides what happens to each produce request. Called with the monitor held. */
    /** The next topic has no leaders until topics were listed so often, and whoever makes it is told that time has run out. */
    public synchronized void leadersComeLate(int listings) {
        listingsBeforeLeaders = listings;
    }

    /** Takes a new topic's leaders away, where they come late. */
    synchronized void made(FakeTopic topic) {
        if (listingsBeforeLeaders > 0) {
            topic.partitions.forEach(p -> p.leader = 0);
            throw new BrokerException(ErrorCode.TIMEOUT, "no leader yet");
        }
    }

    synchronized void listed() {
        if (listingsBeforeLeaders > 0 && --listingsBeforeLeaders == 0) {
            topics.values().forEach(t -> t.partitions.forEach(p -> p.leader = p.replicas.get(0)));
        }
    }

    public synchronized void troubles(BiFunction<FakeBroker, TopicPartition, Trouble> decide) {
        troubles = decide;
    }

    synchronized Trouble trouble(FakeBroker broker, TopicPartition tp) {
        return troubles.apply(broker, tp);
    }

    public synchronized void createTopic(String name, int partitions) {
        createTopic(name, partitions, brokers.size(), Map.of());
    }

    synchronized FakeTopic createTopic(String name, int partitions, int replicas, Map<String, String> config) {
        if (topics.containsKey(name)) {
            throw new BrokerException(ErrorCode.TOPIC_EXISTS, "topic: " + name + " (expected: a new name)");
        }
        FakeTopic topic = plan(name, partitions, replicas, config);
        topics.put(name, topic);
        changed();
        return topic;
    }

    synchronized FakeTopic plan(String name, int partitions, int replicas, Map<String, String> config) {
        int wanted = replicas == 0 ? replicasDefault : replicas;
        if (wanted > brokers.size()) {
            throw new BrokerException(
                    ErrorCode.INVALID_REPLICAS,
                    "replicas: " + wanted + " (expected: <= " + brokers.size() + ", the brokers alive)");
        }
        for (String key : config.keySet()) {
            checkSetting(key);
        }
        FakeTopic topic = new FakeTopic(name, UUID.randomUUID());
        topic.config.putAll(config);
        grow(topic, partitions == 0 ? 1 : partitions, wanted);
        return topic;
    }

    static void checkSetting(String key) {
        if (!SETTINGS.contains(key) && !key.startsWith("retention_")) {
            throw new BrokerException(ErrorCode.INVALID_CONFIG, "setting: " + key + " (expected: a known one)");
        }
    }

    void grow(FakeTopic topic, int partitions, int replicas) {
        for (int p = topic.partitions.size(); p < partitions; p++) {
            List<Integer> nodes = new ArrayList<>();
            for (int r = 0; r < replicas; r++) {
                nodes.add((p + r) % brokers.size() + 1);
            }
            topic.partitions.add(new FakePartition(nodes));
        }
    }

    public synchronized void deleteTopic(String name) {
        if (topics.remove(name) == null) {
            throw unknownTopic(name);
        }
        changed();
    }

    public synchronized void addPartitions(String name, int total) {
        FakeTopic topic = topic(name);
        if (total <= topic.partitions.size()) {
            throw new BrokerException(
                    ErrorCode.INVALID_PARTITIONS,
                    "partitions: " + total + " (expected: > " + topic.partitions.size() + ")");
        }
        grow(topic, total, topic.partitions.get(0).replicas.size());
        changed();
    }

    synchronized FakeTopic topic(String name) {
        FakeTopic topic = topics.get(name);
        if (topic == null) {
            throw unknownTopic(name);
        }
        return topic;
    }

    synchronized Collection<FakeTopic> topics() {
        return List.copyOf(topics.values());
    }

    synchronized FakeTopic topic(TopicRef ref) {
        FakeTopic topic = topic(ref.getName());
        if (!ref.getId().isEmpty() && !ref.getId().equals(topic.idBytes())) {
            throw new BrokerException(ErrorCode.UNKNOWN_TOPIC_ID, "topic id of " + ref.getName());
        }
        return topic;
    }

    public synchronized FakePartition partition(TopicPartition tp) {
        return partition(topic(tp.topic()), tp.partition());
    }

    synchronized FakePartition partition(FakeTopic topic, int partition) {
        if (partition < 0 || partition >= topic.partitions.size()) {
            throw new BrokerException(ErrorCode.UNKNOWN_PARTITION, "partition: " + partition);
        }
        return topic.partitions.get(partition);
    }

    private static BrokerException unknownTopic(String name) {
        return new BrokerException(ErrorCode.UNKNOWN_TOPIC, "topic: " + name + " (expected: one that exists)");
    }

    /** Lets another node lead; 0: none does. */
    public synchronized void moveLeader(TopicPartition tp, int node) {
        FakePartition partition = partition(tp);
        partition.leader = node;
        partition.term++;
        notifyAll();
    }

    /** Most replicas are gone: brokers know no leader, and say why. */
    public synchronized void loseQuorum(TopicPartition tp, String message) {
        partition(tp).trouble = new BrokerException(ErrorCode.NO_QUORUM, message);
    }

    public synchronized int leader(TopicPartition tp) {
        return partition(tp).leader;
    }

    /** The node is gone: each partition it led gets another leader among the nodes that run. */
    public synchronized void failOver(int node) {
        for (FakeTopic topic : topics.values()) {
            for (int p = 0; p < topic.partitions.size(); p++) {
                FakePartition partition = topic.partitions.get(p);
                if (partition.leader == node) {
                    int next = partition.replicas.stream()
                            .filter(n -> n != node && broker(n).running())
                            .findFirst()
                            .orElse(0);
                    moveLeader(new TopicPartition(topic.name, p), next);
                }
            }
        }
    }

    public synchronized void skipOffsets(TopicPartition tp, int offsets) {
        partition(tp).skip(offsets);
    }

    public synchronized void trim(TopicPartition tp, long offset) {
        partition(tp).trim(offset);
    }

    public synchronized void damage(TopicPartition tp, int batch) {
        partition(tp).damage(batch);
    }

    public synchronized void forgetProducers(TopicPartition tp) {
        partition(tp).forgetProducers();
    }

    /** Batches that came again and were not appended again. */
    public synchronized int duplicates(TopicPartition tp) {
        return partition(tp).duplicates();
    }

    public synchronized int batchCount(TopicPartition tp) {
        return partition(tp).batchCount();
    }

    public synchronized long endOffset(TopicPartition tp) {
        return partition(tp).endOffset();
    }

    /** How each batch of the log is packed. */
    public synchronized List<Compression> compressions(TopicPartition tp) {
        return partition(tp).compressions();
    }

    /** Everything the log holds. */
    public synchronized List<Record> log(TopicPartition tp) {
        return partition(tp).records();
    }

    synchronized long allocateProducerId() {
        producerIds++;
        return nextProducerId++;
    }

    /** How many were given out. */
    public synchronized int producerIds() {
        return producerIds;
    }

    void changed() {
        imageVersion++;
        notifyAll();
    }

    synchronized MetadataResponse metadata(Collection<String> names) {
        MetadataResponse.Builder answer = MetadataResponse.newBuilder()
                .setClusterId(clusterId)
                .setControllerId(1)
                .setImageVersion(imageVersion);
        brokers.values().forEach(b -> answer.addBrokers(info(b)));
        for (String name : names.isEmpty() ? topics.keySet() : names) {
            FakeTopic topic = topics.get(name);
            answer.addTopics(
                    topic == null
                            ? TopicInfo.newBuilder()
                                    .setName(name)
                                    .setError(wire(unknownTopic(name)))
                                    .build()
                            : info(topic));
        }
        return answer.build();
    }

    synchronized BrokerInfo info(FakeBroker broker) {
        int leaders = 0;
        for (FakeTopic topic : topics.values()) {
            for (FakePartition partition : topic.partitions) {
                leaders += partition.leader == broker.node() ? 1 : 0;
            }
        }
        return BrokerInfo.newBuilder()
                .setNodeId(broker.node())
                .setEndpoint(endpoint(broker))
                .setAlive(broker.running())
                .setIncarnation("00000000000000" + broker.node())
                .setLeaders(leaders)
                .build();
    }

    private static Endpoint endpoint(FakeBroker broker) {
        return Endpoint.newBuilder().setHost("127.0.0.1").setPort(broker.port()).build();
    }

    synchronized TopicInfo info(FakeTopic topic) {
        TopicInfo.Builder info = TopicInfo.newBuilder()
                .setName(topic.name)
                .setId(topic.idBytes())
                .putAllConfig(topic.config);
        for (int p = 0; p < topic.partitions.size(); p++) {
            FakePartition partition = topic.partitions.get(p);
            PartitionInfo.Builder answer =
                    PartitionInfo.newBuilder().setPartition(p).addAllReplicas(partition.replicas);
            BrokerException trouble = partition.trouble;
            if (trouble == null) {
                answer.setLeader(partition.leader).setLeaderTerm(partition.term);
            } else {
                answer.setError(Error.newBuilder()
                        .setName(trouble.code().name())
                        .setNumber(trouble.code().number())
                        .setMessage(String.valueOf(trouble.getMessage()))
                        .setRetriable(trouble.code().retriable()));
            }
            info.addPartitions(answer);
        }
        return info.build();
    }

    /** Who leads, of those partitions that somebody leads. */
    synchronized List<NewLeader> leaders(Collection<String> names) {
        List<NewLeader> leaders = new ArrayList<>();
        for (FakeTopic topic : topics.values()) {
            for (int p = 0; p < topic.partitions.size() && names.contains(topic.name); p++) {
                FakePartition partition = topic.partitions.get(p);
                if (partition.leader != 0) {
                    leaders.add(NewLeader.newBuilder()
                            .setTopic(TopicRef.newBuilder().setName(topic.name).setId(topic.idBytes()))
                            .setPartition(p)
                            .setLeader(hint(partition))
                            .build());
                }
            }
        }
        return leaders;
    }

    private LeaderHint hint(FakePartition partition) {
        return LeaderHint.newBuilder()
                .setNodeId(partition.leader)
                .setTerm(partition.term)
                .setEndpoint(endpoint(broker(partition.leader)))
                .build();
    }

    synchronized Error notLeader(FakePartition partition, boolean hint) {
        Error error = wire(new BrokerException(ErrorCode.NOT_LEADER, "leader: another node"));
        if (!hint || partition.leader == 0) {
            return error;
        }
        return error.toBuilder().setLeader(hint(partition)).build();
    }

    static Error wire(BrokerException e) {
        return Error.newBuilder()
                .setName(e.code().name())
                .setNumber(e.code().number())
                .setMessage(String.valueOf(e.getMessage()))
                .setRetriable(e.code().retriable())
                .setOutcomeUnknown(e.code().kind() == ErrorCode.Kind.UNKNOWN_OUTCOME)
                .setHint(e.code().hint())
                .build();
    }

    @Override
    public void close() {
        brokers.values().forEach(FakeBroker::kill);
    }
}
