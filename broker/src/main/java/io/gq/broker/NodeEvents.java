package io.gq.broker;

import io.gq.broker.host.ClusterMember;
import io.gq.broker.host.HostedPartitions;
import io.gq.broker.host.NodeHost;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import io.gq.partition.ReplicaListener;
import io.gq.raft.GroupFailure;
import io.gq.raft.GroupListener;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Raft groups and replicas' storage tell, taken to the part of the node that acts on it. They begin to tell while the node is still
 * starting: what has nobody to act on it yet is dropped, but damage, which is dealt with at once. Thread-safe.
 */
final class NodeEvents {

    private static final Logger LOG = LoggerFactory.getLogger(NodeEvents.class);

    private final HostedPartitions hosted;
    private final BooleanSupplier stopping;
    private final Executor calls;

    private volatile @Nullable NodeHost host;
    private volatile @Nullable SyncedStop syncedStop;
    private volatile @Nullable ClusterMember member;

    /**
     * @param stopping whether a group that fails is of no interest any more
     * @param calls runs what may wait for a disk
     */
    NodeEvents(HostedPartitions hosted, BooleanSupplier stopping, Executor calls) {
        this.hosted = hosted;
        this.stopping = stopping;
        this.calls = calls;
    }

    void opened(NodeHost nodeHost, SyncedStop stop) {
        host = nodeHost;
        syncedStop = stop;
    }

    void joined(ClusterMember joined) {
        member = joined;
    }

    /** Hears from the Raft server of the controller group. */
    GroupListener controller() {
        return new ControllerEvents();
    }

    /** Hears from the Raft servers of the partitions. */
    GroupListener partitions() {
        return new PartitionEvents();
    }

    /** Hears from the storage of a partition's replica. */
    ReplicaListener replica(GroupId group) {
        return new ReplicaEvents(group);
    }

    private void damaged(GroupId group, String what) {
        ClusterMember joined = member;
        NodeHost open = host;
        if (joined != null) {
            joined.damaged(group, what);
        } else if (open != null) {
            LOG.error("stored bytes fail their checksum, in no cluster yet group={} what={}", group, what);
            calls.execute(() -> open.damaged(group, what));
        }
    }

    private final class ReplicaEvents implements ReplicaListener {

        private final GroupId group;

        ReplicaEvents(GroupId group) {
            this.group = group;
        }

        @Override
        public void storageFailed(Exception cause) {
            NodeHost open = host;
            if (open != null) {
                open.storageFailed(group, cause);
            }
        }

        @Override
        public void damaged(String what) {
            NodeEvents.this.damaged(group, what);
        }
    }

    private final class ControllerEvents implements GroupListener {
        @Override
        public void failed(GroupId group, GroupFailure failure) {
            ClusterMember joined = member;
            if (joined != null && !stopping.getAsBoolean()) {
                joined.controllerFailed(failure);
            }
        }
    }

    private final class PartitionEvents implements GroupListener {
        @Override
        public void leadershipChanged(GroupId group, Leadership leadership) {
            LOG.info(
                    "leadership group={} partition={} role={} term={} leader={} ready={}",
                    group,
                    hosted.find(group).map(p -> p.name().toString()).orElse("?"),
                    leadership.role(),
                    leadership.term(),
                    leadership.leader().map(NodeId::toString).orElse("none"),
                    leadership.ready());
            ClusterMember joined = member;
            if (joined != null) {
                joined.heartbeats().beatSoon();
            }
        }

        @Override
        public void damaged(GroupId group, String what) {
            NodeEvents.this.damaged(group, what);
        }

        @Override
        public void failed(GroupId group, GroupFailure failure) {
            SyncedStop stop = syncedStop;
            if (stop != null && failure.kind() == GroupFailure.Kind.STORAGE) {
                stop.storageFailed();
            }
            ClusterMember joined = member;
            if (joined != null && !stopping.getAsBoolean()) {
                joined.partitionFailed(group, failure);
            }
        }
    }
}
