package io.gq.core.replication;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A replicated machine as its users on this node see it. Safe for use by many threads.
 */
public interface ReplicatedGroup {

    GroupId id();

    Leadership leadership();

    /**
     * Proposes an entry; leader only. Proposals of one caller thread are appended in call order.
     *
     * @param payload bytes for the {@link PayloadStore}; null where the command is all
     * @return what applying it answered. Completes exceptionally with a {@link io.gq.core.BrokerException}: NOT_LEADER and the other
     *     retriable codes where nothing was appended, OUTCOME_UNKNOWN where it may yet be
     */
    CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload);

    /**
     * ReadIndex (Raft dissertation 6.4): completes when this replica has applied everything that was acknowledged anywhere before
     * the call began. Any replica.
     */
    CompletableFuture<Void> readBarrier(Duration timeout);

    /** Hands leadership over; leader only. Completes when the other node leads. */
    CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout);
}
