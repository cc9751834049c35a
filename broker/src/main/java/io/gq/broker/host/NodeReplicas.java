package io.gq.broker.host;

import io.gq.broker.peer.Replicas;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.NotLeaderException;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.partition.PartitionDigest;
import io.gq.partition.PartitionView;
import io.gq.proto.v1.BrokerLoad;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.ReplicaVerification;
import io.gq.raft.GroupStatus;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** What other brokers ask of the replicas here: the controller's and the partitions'. */
public final class NodeReplicas implements Replicas {

    private static final Duration CONFIGURATION_TIMEOUT = Duration.ofSeconds(8);

    private final PeerId self;
    private final ControllerHost controller;
    private final List<RaftHost> rafts;
    private final HostedPartitions hosted;
    private final Set<NodeId> controllerVoters;
    private final BiPredicate<GroupId, NodeId> assigned;
    private final DistrustedReplicas distrusted;
    private final ReplicaVerifier verifier;
    private final Supplier<BrokerLoad> load;

    /**
     * @param rafts all Raft servers of the node
     * @param controllerVoters nodes that vote in the controller group; the others listen
     * @param assigned whether the image gives the node a replica of the group
     */
    public NodeReplicas(
            PeerId self,
            ControllerHost controller,
            List<RaftHost> rafts,
            HostedPartitions hosted,
            Set<NodeId> controllerVoters,
            BiPredicate<GroupId, NodeId> assigned,
            DistrustedReplicas distrusted,
            ReplicaVerifier verifier,
            Supplier<BrokerLoad> load) {
        this.self = self;
        this.controller = controller;
        this.rafts = List.copyOf(rafts);
        this.hosted = hosted;
        this.controllerVoters = Set.copyOf(controllerVoters);
        this.assigned = assigned;
        this.distrusted = distrusted;
        this.verifier = verifier;
        this.load = load;
    }

    @Override
    public CompletableFuture<Long> dismiss(GroupId group, NodeId node) {
        return leading(group, node).dismiss(node, CONFIGURATION_TIMEOUT);
    }

    @Override
    public CompletableFuture<Void> admit(GroupId group, PeerId member, Duration timeout) {
        RatisGroup replica = leading(group, member.node());
        boolean votes = !group.equals(controller.group()) || controllerVoters.contains(member.node());
        return votes ? replica.admit(member, timeout) : replica.admitLearner(member, timeout);
    }

    @Override
    public CompletableFuture<Void> handOver(GroupId group, NodeId to, Duration timeout) {
        return leading(group, to).transferLeadership(to, timeout);
    }

    @Override
    public SnapshotReader snapshot(GroupId group, ByteBuffer held) throws IOException {
        return replica(group).snapshot(held);
    }

    @Override
    public void trust(GroupId group, LogPosition last) {
        distrusted.trust(group, last);
    }

    @Override
    public ReplicaStatus describe(GroupId group, boolean withDigest, boolean withHolding) {
        if (distrusted.contains(group)) {
            return distrusted.describe(group, withHolding);
        }
        RatisGroup replica = replica(group);
        GroupStatus status = replica.status();
        Optional<HostedPartition> partition = hosted.find(group);
        ReplicaStatus.Builder answer = ReplicaStatus.newBuilder()
                .setNodeId(self.node().value())
                .setPeerId(self.toString())
                .setRole(
                        partition.map(HostedPartition::serving).orElse(true)
                                ? status.leadership().role().name()
                                : "REBUILDING")
                .setTerm(status.leadership().term())
                .setLastIndex(status.lastIndex())
                .setLastTerm(replica.standing().map(own -> own.last().term()).orElse(0L))
                .setCommitIndex(status.commitIndex())
                .setFollows(status.leadership().leader().map(NodeId::value).orElse(0))
                .setVotedFor(replica.votedFor().map(NodeId::value).orElse(0))
                .setDamaged(replica.condemned())
                .setDiskFull(load.get().getDiskFull())
                .setDiskFreeBytes(load.get().getDiskFreeBytes());
        status.voters().forEach(peer -> answer.addVoters(peer.node().value()));
        if (partition.isPresent()) {
            PartitionView view = partition.get().view();
            answer.setLogStartOffset(view.logStartOffset())
                    .setHighWatermark(view.highWatermark())
                    .setLogEndOffset(view.logEndOffset())
                    .setBytes(view.bytes());
            if (withDigest) {
                PartitionDigest digest = view.digest();
                answer.setDigest(digest.startOffset() + "-" + digest.endOffset() + ":" + digest.sha256());
            }
        }
        return answer.build();
    }

    @Override
    public CompletableFuture<ReplicaVerification> verify(GroupId group, long fromOffset, long toOffset) {
        HostedPartition partition = hosted.find(group)
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.NOT_READY,
                        "group " + group + ": not open on node " + self.node() + " (expected: an open replica)"));
        partition.checkServing();
        return verifier.verify(partition, fromOffset, toOffset);
    }

    private RatisGroup leading(GroupId group, NodeId about) {
        RatisGroup replica = replica(group);
        Leadership leadership = replica.leadership();
        if (leadership.role() != Leadership.Role.LEADER || !leadership.ready()) {
            throw new NotLeaderException(
                    "leader of group " + group + ": asked node " + self.node() + " (expected: its leader)",
                    leadership.leader().filter(l -> !l.equals(self.node())),
                    leadership.term());
        }
        if (!group.equals(controller.group()) && !assigned.test(group, about)) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST, "node: " + about + " (expected: a node the group is assigned to)");
        }
        return replica;
    }

    private RatisGroup replica(GroupId group) {
        Optional<RatisGroup> found =
                rafts.stream().flatMap(raft -> raft.group(group).stream()).findFirst();
        return found.orElseThrow(() -> new BrokerException(
                ErrorCode.NOT_READY,
                "group " + group + ": not open on node " + self.node() + " (expected: an open replica)"));
    }
}
