package io.gq.testing;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The group as one process on one replica sees it. */
final class SimulatedHandle implements ReplicatedGroup {
    private final SimulatedGroup group;
    private final SimulatedNode node;
    private final int incarnation;

    SimulatedHandle(SimulatedGroup group, SimulatedNode node, int incarnation) {
        this.group = group;
        this.node = node;
        this.incarnation = incarnation;
    }

    @Override
    public GroupId id() {
        return group.id();
    }

    @Override
    public Leadership leadership() {
        if (gone()) {
            return new Leadership(Leadership.Role.CLOSED, node.term, Optional.empty(), false);
        }
        Leadership.Role role = node.leader ? Leadership.Role.LEADER : Leadership.Role.FOLLOWER;
        Optional<NodeId> leader =
                node.knownLeader < 0 ? Optional.empty() : Optional.of(new NodeId(node.knownLeader + 1));
        return new Leadership(role, node.term, leader, node.machineLeads);
    }

    @Override
    public CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload) {
        if (gone() || !node.leader) {
            return refused(ErrorCode.NOT_LEADER, "does not lead");
        }
        if (group.misfortune()) {
            return refused(ErrorCode.THROTTLED, "too much to do");
        }
        String trouble = node.machine().verify(node.term, command);
        if (trouble != null) {
            group.note(node, "refused: " + trouble);
            return refused(ErrorCode.LEADER_NOT_AVAILABLE, trouble);
        }
        long index = node.log.last().index() + 1;
        SimulatedGroup.store(node, new SimulatedLog.Item(node.term, index, command, payload));
        if (group.misfortune()) {
            return refused(ErrorCode.OUTCOME_UNKNOWN, "answer lost");
        }
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        node.pending.put(index, new SimulatedNode.Pending(node.term, future));
        return future;
    }

    @Override
    public CompletableFuture<Void> readBarrier(Duration timeout) {
        return !gone() && node.machine().applied().index() >= group.committedIndex()
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(
                        new BrokerException(ErrorCode.TIMEOUT, "simulated: not everything is applied here"));
    }

    @Override
    public CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout) {
        SimulatedNode target = group.node(to.value() - 1);
        if (!gone() && node.leader && target.up()) {
            group.elect(target);
        }
        return target.leader
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(
                        new BrokerException(ErrorCode.TIMEOUT, "simulated: node " + to + " was not elected"));
    }

    private boolean gone() {
        return !node.up() || node.incarnation != incarnation;
    }

    private <T> CompletableFuture<T> refused(ErrorCode code, String why) {
        return CompletableFuture.failedFuture(new BrokerException(code, "simulated: node " + node.id + " " + why));
    }
}
