package io.gq.broker.peer;

import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.ReplicaVerification;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What other brokers may ask of the replicas hosted here. Safe for use by many threads. */
public interface Replicas {

    /**
     * Leader of the group: commits a configuration without any member of the node. Harmless to repeat.
     *
     * @return a term: leaders of earlier ones may still count the member
     */
    CompletableFuture<Long> dismiss(GroupId group, NodeId node);

    /** Leader of the group: takes the member in; completes when it has caught up and, where it is to vote, votes. */
    CompletableFuture<Void> admit(GroupId group, PeerId member, Duration timeout);

    /** Leader of the group: hands leadership over; completes when the other node leads. */
    CompletableFuture<Void> handOver(GroupId group, NodeId to, Duration timeout);

    /** @throws BrokerException UNKNOWN_PARTITION where the group is not hosted here, NOT_READY where it cannot serve one now */
    SnapshotReader snapshot(GroupId group, ByteBuffer held) throws IOException;

    /**
     * @param withDigest also reads every record up to the high watermark
     * @param withHolding a replica that is distrusted also finds out what it holds whole
     */
    ReplicaStatus describe(GroupId group, boolean withDigest, boolean withHolding);

    /**
     * Reads all that the replica holds as committed from the disk; where it is damaged it is rebuilt then.
     *
     * @param fromOffset and {@code toOffset}, exclusive: what the digest is over
     */
    CompletableFuture<ReplicaVerification> verify(GroupId group, long fromOffset, long toOffset);

    /**
     * An operator's word: the replica, distrusted until now, votes again with what it holds whole.
     *
     * @param last the last entry it holds
     * @throws BrokerException INVALID_REQUEST where it holds something else or is not distrusted
     */
    void trust(GroupId group, LogPosition last);
}
