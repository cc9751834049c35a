package io.gq.client.producer;

import io.gq.client.GqException;
import io.gq.client.internal.ClusterView;
import io.gq.core.TopicPartition;
import io.gq.core.time.Scheduler.Cancellable;
import io.gq.proto.v1.LeaderHint;

/** What surrounds the senders of a producer. */
interface SenderHost {
    long nowNanos();

    ClusterView view();

    BrokerLink link(int node);

    /** Gets an identity never used before, or the producer's first; calls back. */
    void requestIdentity(PartitionSender sender);

    void refreshMetadata();

    void leaderHint(TopicPartition tp, LeaderHint hint);

    Cancellable after(long nanos, Runnable task);

    void acknowledged(ProducerBatch batch, long baseOffset, long logAppendTimeMs);

    void failed(ProducerBatch batch, GqException reason);

    /** Nothing more can be sent by this producer. */
    void fatal(GqException reason);
}
