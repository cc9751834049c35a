package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LogAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes who is a member of a group, one voter at a time; on the group's leader.
 *
 * <p>A leader that was elected while a dismissal was under way makes appenders for the members of both configurations, goes over to the
 * new one at once, and never stops the appender of the member that left. Ratis then fails in the middle of taking that member in again:
 * it would have two appenders. What it noted of the request before that stands in the way of every later one, for the rest of the term.
 * So such appenders are stopped before each change, and a leader whose change failed in the middle gives its leadership up.
 */
final class MembershipChanges {

    private static final Logger LOG = LoggerFactory.getLogger(MembershipChanges.class);
    private static final Duration STEP_DOWN_TIMEOUT = Duration.ofSeconds(5);

    private final HostedGroup hosted;
    private final RaftServer server;
    private final RaftHostKind kind;
    private final ClientId clientId;
    private final LongSupplier callIds;

    MembershipChanges(
            HostedGroup hosted, RaftServer server, RaftHostKind kind, ClientId clientId, LongSupplier callIds) {
        this.hosted = hosted;
        this.server = server;
        this.kind = kind;
        this.clientId = clientId;
        this.callIds = callIds;
    }

    /** @return the term in which this leader was confirmed after a configuration without the node was committed */
    CompletableFuture<Long> dismiss(NodeId node) throws IOException {
        if (node(server.getId().toString()).equals(node)) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST, "node: " + node + " leads (expected: another leads before it leaves)");
        }
        Collection<RaftPeer> present = hosted.division().getRaftConf().getCurrentPeers();
        long others = present.stream().filter(peer -> !is(peer, node)).count();
        if (others < present.size() && 2 * others <= present.size()) {
            // one of them would be left to decide alone; a second damaged replica waits until the first is back
            throw new BrokerException(
                    ErrorCode.NOT_READY,
                    "voters of group " + hosted.id() + ": " + present.size() + ", " + node
                            + " among them (expected: more, so that a majority is left without it)");
        }
        return change((voters, learners) -> {
                    voters.removeIf(peer -> is(peer, node));
                    learners.removeIf(peer -> is(peer, node));
                })
                .thenCompose(reply -> {
                    Replies.check(reply, null);
                    return confirmedWithout(node);
                });
    }

    /**
     * A leader that was deposed without knowing it may remember a configuration that is no longer in force, and find that there is
     * nothing to change.
     */
    private CompletableFuture<Long> confirmedWithout(NodeId node) {
        try {
            RaftServer.Division division = hosted.division();
            long term = division.getInfo().getCurrentTerm();
            return hosted.readRounds().confirm(division).thenApply(index -> {
                RaftConfiguration configuration = division.getRaftConf();
                if (division.getInfo().getCurrentTerm() != term) {
                    throw Replies.exception(new NotLeaderException(division.getMemberId(), null, null));
                }
                if (!stable(configuration)
                        || configuration.getLogEntryIndex()
                                > division.getRaftLog().getLastCommittedIndex()
                        || configuration.getAllPeers().stream().anyMatch(peer -> is(peer, node))) {
                    throw Replies.exception(new ReconfigurationInProgressException("configuration: " + configuration));
                }
                return term;
            });
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    CompletableFuture<RaftClientReply> admit(PeerId peer) throws IOException {
        Optional<RaftPeer> present = hosted.division().getRaftConf().getCurrentPeers().stream()
                .filter(voter -> is(voter, peer.node()))
                .findFirst();
        if (present.isPresent() && !is(present.get(), peer)) {
            throw new BrokerException(
                    ErrorCode.INVALID_REQUEST,
                    "peer: " + peer + " (expected: no other incarnation in the group, dismiss "
                            + present.get().getId() + " first)");
        }
        return change((voters, learners) -> {
            learners.removeIf(learner -> is(learner, peer));
            if (present.isEmpty()) {
                voters.add(RaftHost.raftPeer(kind, peer));
            }
        });
    }

    CompletableFuture<RaftClientReply> admitLearner(PeerId peer) throws IOException {
        return change((voters, learners) -> {
            if (learners.stream().noneMatch(learner -> is(learner, peer))) {
                learners.add(RaftHost.raftPeer(kind, peer));
            }
        });
    }

    private CompletableFuture<RaftClientReply> change(BiConsumer<List<RaftPeer>, List<RaftPeer>> change)
            throws IOException {
        RaftServer.Division division = hosted.division();
        stopLeftovers(division);
        RaftConfiguration present = division.getRaftConf();
        List<RaftPeer> voters = new ArrayList<>(present.getCurrentPeers());
        List<RaftPeer> learners = new ArrayList<>(present.getCurrentPeers(RaftPeerRole.LISTENER));
        change.accept(voters, learners);
        SetConfigurationRequest request = new SetConfigurationRequest(
                clientId,
                server.getId(),
                hosted.raftId(),
                callIds.getAsLong(),
                SetConfigurationRequest.Arguments.newBuilder()
                        .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                        .setServersInCurrentConf(List.copyOf(present.getCurrentPeers()))
                        .setListenersInCurrentConf(List.copyOf(present.getCurrentPeers(RaftPeerRole.LISTENER)))
                        .setServersInNewConf(voters)
                        .setListenersInNewConf(learners)
                        .build());
        return server.setConfigurationAsync(request).whenComplete((reply, failure) -> {
            if (failure != null && Replies.unwrap(failure) instanceof IllegalStateException inTheMiddle) {
                stepDown(inTheMiddle);
            }
        });
    }

    @SuppressWarnings(
            "SynchronizationOnLocalVariableOrMethodParameter") // the monitor under which Ratis changes appenders
    private void stopLeftovers(RaftServer.Division division) {
        synchronized (division) {
            RaftConfiguration configuration = division.getRaftConf();
            if (!stable(configuration)) {
                return;
            }
            for (LogAppender appender : hosted.readRounds().appenders()) {
                boolean member =
                        configuration.getPeer(appender.getFollowerId(), RaftPeerRole.FOLLOWER, RaftPeerRole.LISTENER)
                                != null;
                if (!member
                        && appender.isRunning()
                        && !appender.getLeaderState().isFollowerBootstrapping(appender.getFollower())) {
                    LOG.info(
                            "appender of a former member stopped group={} peer={}",
                            hosted.id(),
                            appender.getFollowerId());
                    appender.getLeaderState().restart(appender); // which starts none for a peer that is no member
                }
            }
        }
    }

    private void stepDown(IllegalStateException cause) {
        LOG.warn("change of members failed in the middle, leadership is given up group={}", hosted.id(), cause);
        try {
            CompletableFuture<?> unused = server.transferLeadershipAsync(new TransferLeadershipRequest(
                    clientId,
                    server.getId(),
                    hosted.raftId(),
                    callIds.getAsLong(),
                    null,
                    STEP_DOWN_TIMEOUT.toMillis()));
        } catch (IOException e) {
            LOG.debug("does not lead any more group={}", hosted.id(), e);
        }
    }

    private static boolean stable(RaftConfiguration configuration) {
        return configuration.getPreviousPeers(RaftPeerRole.FOLLOWER).isEmpty()
                && configuration.getPreviousPeers(RaftPeerRole.LISTENER).isEmpty();
    }

    private static boolean is(RaftPeer peer, PeerId id) {
        return peer.getId().toString().equals(id.toString());
    }

    private static boolean is(RaftPeer peer, NodeId node) {
        return node(peer.getId().toString()).equals(node);
    }

    private static NodeId node(String peer) {
        return PeerId.parse(peer).node();
    }
}
