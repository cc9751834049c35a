package io.gq.broker.grpc;

import io.gq.core.service.Principal;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.NewLeader;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the front door has to know of the node beyond its services. Safe for use by many threads; only what is said may wait. */
public interface NodeView {

    Info info();

    /**
     * The cluster as this node knows it.
     *
     * @param listener by whose addresses brokers are told
     * @param topics names; empty: all. One that does not exist is answered with its own error
     */
    MetadataResponse metadata(Principal principal, String listener, List<String> topics);

    /** Who leads a partition, as far as this node knows, with its address of that listener: goes with the refusal NOT_LEADER. */
    Optional<LeaderHint> leader(String listener, TopicSpec topic, int partition);

    /**
     * Who leads the partitions of some topics, as far as this node knows.
     *
     * @param listener by whose addresses leaders are told
     * @param topics names; empty: all. One that does not exist has no partitions
     */
    List<NewLeader> leaders(String listener, List<String> topics);

    /** Calls back, on the thread that brought the news, after a leader changed. */
    void onLeaderChange(Runnable listener);

    /** A producer id never given before in this cluster; may ask the controller. */
    CompletableFuture<ProducerIdentity> allocateProducerId(Principal principal);

    /**
     * @param clusterId empty as long as the node belongs to no cluster
     * @param messageBytesMax largest record batch taken
     */
    record Info(String clusterId, int nodeId, int featureLevel, String version, int messageBytesMax) {}

    record ProducerIdentity(long producerId, int epoch) {}
}
