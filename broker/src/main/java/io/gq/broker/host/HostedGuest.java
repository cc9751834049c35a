package io.gq.broker.host;

import io.gq.broker.peer.ReplicaClient;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A partition led here, as {@link LeaderReturn} sees it. */
record HostedGuest(HostedPartition partition, NodeId preferred, ReplicaClient replicas) implements LeaderReturn.Guest {

    @Override
    public TopicPartition name() {
        return partition.name();
    }

    @Override
    public long lag() {
        return partition.group().status().lags().entrySet().stream()
                .filter(lag -> lag.getKey().node().equals(preferred))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    @Override
    public CompletableFuture<Void> handOver(Duration timeout) {
        return replicas.describe(preferred, partition.id(), false).thenCompose(status -> {
            if (status.getDamaged()) { // it would hand it back
                throw new BrokerException(
                        ErrorCode.REPLICA_DAMAGED, "replica on node " + preferred + ": damaged (expected: whole)");
            }
            return partition.group().transferLeadership(preferred, timeout);
        });
    }
}
