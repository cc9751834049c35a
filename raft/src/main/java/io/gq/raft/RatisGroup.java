package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * A group hosted here. Safe for use by many threads; may be kept after the group was closed, when every call fails.
 *
 * <p>Futures of {@link #propose} complete on the thread that applies the group's entries, or the one that closes the group: what is
 * chained to them must be short.
 */
public final class RatisGroup implements ReplicatedGroup {

    private interface Call {
        CompletableFuture<RaftClientReply> send() throws IOException;
    }

    private final HostedGroup hosted;
    private final RaftServer server;
    private final RaftConfig config;
    private final Scheduler scheduler;
    // Of this process alone: Ratis answers a request it has seen before from memory.
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final MembershipChanges membership;
    private final AtomicInteger pendingEntries = new AtomicInteger();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final Set<Proposal> open = ConcurrentHashMap.newKeySet(); // not answered yet
    private volatile @Nullable Peer lastLeader;

    private record Peer(RaftPeerId raftId, NodeId node) {}

    RatisGroup(HostedGroup hosted, RaftServer server, RaftConfig config, RaftHostKind kind, Scheduler scheduler) {
        this.hosted = hosted;
        this.server = server;
        this.config = config;
        this.scheduler = scheduler;
        this.membership = new MembershipChanges(hosted, server, kind, clientId, callIds::incrementAndGet);
    }

    @Override
    public GroupId id() {
        return hosted.id();
    }

    /** The machine behind this group, as its factory made it. */
    public StateMachine machine() {
        return hosted.machine().machine();
    }

    /**
     * A snapshot of the machine, after the configuration that goes with it: for the replica of another broker, which takes it apart again.
     *
     * @param held what that one holds already, see {@link StateMachine#held}
     */
    public SnapshotReader snapshot(ByteBuffer held) throws IOException {
        SnapshotReader snapshot = machine().snapshot(held);
        try {
            // Applied, so committed; and not older than the snapshot, whose position is fixed by now.
            LogEntryProto configuration = new ConfigurationFile(hosted.currentDirectory())
                    .read()
                    .orElseThrow(() -> new IOException("configuration: not whole (expected: whole)"));
            return SnapshotConfiguration.before(configuration, snapshot);
        } catch (IOException | RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    @Override
    public Leadership leadership() {
        if (hosted.ended()) {
            return closed();
        }
        DivisionInfo info;
        try {
            info = hosted.division().getInfo();
        } catch (IOException e) {
            return closed();
        }
        if (!info.isAlive()) {
            return closed();
        }
        return new Leadership(role(info), info.getCurrentTerm(), leader(info), info.isLeaderReady());
    }

    private static Leadership closed() {
        return new Leadership(Leadership.Role.CLOSED, 0, Optional.empty(), false);
    }

    private static Leadership.Role role(DivisionInfo info) {
        if (info.isLeader()) {
            return Leadership.Role.LEADER;
        }
        if (info.isCandidate()) {
            return Leadership.Role.CANDIDATE;
        }
        // A replica that nobody has promoted yet waits in this state.
        boolean staged = info.getLifeCycleState() == LifeCycle.State.STARTING;
        return staged || info.isListener() ? Leadership.Role.LEARNER : Leadership.Role.FOLLOWER;
    }

    private Optional<NodeId> leader(DivisionInfo info) {
        RaftPeerId leader = info.getLeaderId();
        if (leader == null) {
            return Optional.empty();
        }
        Peer last = lastLeader;
        if (last == null || !last.raftId().equals(leader)) {
            last = new Peer(leader, PeerId.parse(leader.toString()).node());
            lastLeader = last;
        }
        return Optional.of(last.node());
    }

    @Override
    public CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload) {
        Proposal proposal = new Proposal(command, payload, this::answered);
        if (proposal.size() > config.entryBytesMax()) {
            return CompletableFuture.failedFuture(new BrokerException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "entryBytes: " + proposal.size() + " (expected: <= " + config.entryBytesMax() + ")"));
        }
        if (proposal.command().size() > config.headerBytesMax()) {
            return CompletableFuture.failedFuture(new BrokerException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "headerBytes: " + proposal.command().size() + " (expected: <= " + config.headerBytesMax() + ")"));
        }
        if (!enter(proposal.size())) {
            return CompletableFuture.failedFuture(new BrokerException(
                    ErrorCode.THROTTLED,
                    "pending proposals of group " + hosted.id() + ": too many (expected: <= "
                            + config.pendingEntriesMax() + " with <= " + config.pendingBytesMax() + " bytes)"));
        }
        open.add(proposal);
        CompletableFuture<?> unused = submit(proposal).whenComplete((reply, failure) -> {
            if (!proposal.isAnswered()) { // as one that was applied is
                try {
                    proposal.answer(Replies.outcome(proposal, reply, failure));
                } catch (RuntimeException e) {
                    proposal.fail(e);
                }
            }
        });
        return proposal.outcome();
    }

    private void answered(Proposal proposal) {
        open.remove(proposal);
        leave(proposal.size());
    }

    /** Answers what nobody has, once Ratis has let go of the group. */
    void abandon() {
        open.forEach(proposal -> proposal.fail(new BrokerException(
                ErrorCode.OUTCOME_UNKNOWN, "group: " + hosted.id() + " was closed before the answer")));
    }

    private boolean enter(int bytes) {
        int entries = pendingEntries.incrementAndGet();
        long total = pendingBytes.addAndGet(bytes);
        if (entries <= config.pendingEntriesMax() && total <= config.pendingBytesMax()) {
            return true;
        }
        leave(bytes);
        return false;
    }

    private void leave(int bytes) {
        pendingEntries.decrementAndGet();
        pendingBytes.addAndGet(-bytes);
    }

    @Override
    public CompletableFuture<Void> readBarrier(Duration timeout) {
        CompletableFuture<Void> barrier;
        try {
            checkStands();
            RatisStateMachine machine = hosted.machine();
            barrier = readIndex(hosted.division())
                    .thenCompose(machine::awaitApplied)
                    .thenRun(this::checkStands);
        } catch (IOException | RuntimeException e) {
            barrier = CompletableFuture.failedFuture(e);
        }
        return within("readBarrier", ErrorCode.NO_QUORUM, timeout, barrier);
    }

    /** An index that covers everything acknowledged before the call, from whoever leads. */
    private CompletableFuture<Long> readIndex(RaftServer.Division division) throws IOException {
        if (division.getInfo().isLeader()) {
            return hosted.readRounds().confirm(division);
        }
        RaftPeerId leader = division.getInfo().getLeaderId();
        if (leader == null) {
            throw new BrokerException(ErrorCode.LEADER_NOT_AVAILABLE, "group: " + hosted.id() + " has no leader now");
        }
        return server.getServerRpc()
                .async()
                .readIndexAsync(ReadIndexRequestProto.newBuilder()
                        .setServerRequest(rpcTo(server.getId(), leader))
                        .build())
                .handle((reply, failure) -> {
                    if (failure != null || !reply.getServerReply().getSuccess()) {
                        throw new BrokerException(
                                ErrorCode.LEADER_NOT_AVAILABLE,
                                "group: " + hosted.id() + ": " + leader + " does not lead or is not ready",
                                failure);
                    }
                    return reply.getReadIndex();
                });
    }

    private RaftRpcRequestProto rpcTo(RaftPeerId requestor, RaftPeerId target) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(requestor.toByteString())
                .setReplyId(target.toByteString())
                .setRaftGroupId(
                        RaftGroupIdProto.newBuilder().setId(hosted.raftId().toByteString()))
                .setCallId(callIds.incrementAndGet())
                .build();
    }

    private CompletableFuture<RaftClientReply> submit(Proposal proposal) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(hosted.raftId())
                .setCallId(callIds.incrementAndGet())
                .setType(RaftClientRequest.writeRequestType())
                .setMessage(proposal)
                .build();
        // On our own thread: the order of calls is the order in the log.
        return call(() -> ((RaftClientAsynchronousProtocol) hosted.division()).submitClientRequestAsync(request));
    }

    private void checkStands() {
        if (hosted.ended()) {
            throw new BrokerException(ErrorCode.NOT_READY, "group: " + hosted.id() + " is closed here");
        }
    }

    @Override
    public CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout) {
        return bounded("transferLeadership", ErrorCode.LEADER_NOT_AVAILABLE, timeout, () -> {
            RaftPeer target = voter(to)
                    .orElseThrow(() -> new BrokerException(
                            ErrorCode.INVALID_REQUEST,
                            "node: " + to + " (expected: a voter of group " + hosted.id() + ")"));
            return server.transferLeadershipAsync(new TransferLeadershipRequest(
                    clientId,
                    server.getId(),
                    hosted.raftId(),
                    callIds.incrementAndGet(),
                    target.getId(),
                    timeout.toMillis()));
        });
    }

    /**
     * Gives leadership up, whoever takes it. A change of members that is under way is broken off: for a leader that cannot bring it to its
     * end, and cannot hand over because of it.
     */
    public CompletableFuture<Void> stepDown(Duration timeout) {
        return bounded(
                "stepDown",
                ErrorCode.LEADER_NOT_AVAILABLE,
                timeout,
                () -> server.transferLeadershipAsync(new TransferLeadershipRequest(
                        clientId,
                        server.getId(),
                        hosted.raftId(),
                        callIds.incrementAndGet(),
                        null,
                        timeout.toMillis())));
    }

    /** Whether what is stored here is known not to be what was written: {@link RaftHost#condemn}. */
    public boolean condemned() {
        return hosted.condemned().isPresent();
    }

    /** Whom this replica voted for in its present term, as its disk has it; empty where it voted for none or that cannot be read. */
    public Optional<NodeId> votedFor() {
        try {
            RaftPeerId voted = hosted.division()
                    .getRaftStorage()
                    .getMetadataFile()
                    .getMetadata()
                    .getVotedFor();
            return Optional.ofNullable(voted)
                    .map(RaftPeerId::toString)
                    .filter(id -> !id.isEmpty())
                    .map(id -> PeerId.parse(id).node());
        } catch (IOException | BrokerException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<RaftPeer> voter(NodeId node) throws IOException {
        return hosted.division().getRaftConf().getCurrentPeers().stream()
                .filter(peer -> PeerId.parse(peer.getId().toString()).node().equals(node))
                .findFirst();
    }

    /**
     * Stands for election at once, without waiting for a timeout and without asking first whether anybody would vote. Meant for the
     * preferred leader of a group that was just created, and for a follower whose leader is known to be dead.
     *
     * @return false where this replica may not stand now: it leads, stands already, or is no voter
     */
    public boolean startElection() {
        try {
            checkStands();
            RaftServer.Division division = hosted.division();
            LogPosition last = lastPosition(division);
            if (last.term() < division.getInfo().getCurrentTerm()) {
                return votes(division) && Candidacy.stand(division); // Ratis' own call would refuse
            }
            RaftPeerId requestor = Optional.ofNullable(division.getInfo().getLeaderId())
                    .or(() -> division.getRaftConf().getCurrentPeers().stream()
                            .map(RaftPeer::getId)
                            .filter(id -> !id.equals(server.getId()))
                            .findFirst())
                    .orElse(server.getId());
            return server.startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(rpcTo(requestor, server.getId()))
                            .setLeaderLastEntry(TermIndex.valueOf(last.term(), Math.max(0, last.index()))
                                    .toProto())
                            .build())
                    .getServerReply()
                    .getSuccess();
        } catch (IOException | BrokerException e) {
            return false;
        }
    }

    /**
     * Begins the election timeout anew, as if the leader had been heard: while somebody else sees to it that the group is led. Cheap, for any
     * thread.
     */
    public void putOffElection() {
        try {
            ElectionTimeout.putOff(hosted.division());
        } catch (IOException | BrokerException e) {
            // closed: it does not stand
        }
    }

    /** How this replica stands for an election; empty where it is no follower with a vote. Cheap, for any thread. */
    public Optional<Standing> standing() {
        try {
            checkStands();
            RaftServer.Division division = hosted.division();
            DivisionInfo info = division.getInfo();
            if (!info.isAlive() || role(info) != Leadership.Role.FOLLOWER) {
                return Optional.empty();
            }
            Set<NodeId> voters = new HashSet<>();
            for (RaftPeer peer : division.getRaftConf().getCurrentPeers()) {
                voters.add(PeerId.parse(peer.getId().toString()).node());
            }
            return votes(division)
                    ? Optional.of(new Standing(leader(info), info.getCurrentTerm(), lastPosition(division), voters))
                    : Optional.empty();
        } catch (IOException | BrokerException e) {
            return Optional.empty();
        }
    }

    private boolean votes(RaftServer.Division division) {
        return division.getRaftConf().getCurrentPeers().stream()
                .anyMatch(peer -> peer.getId().equals(server.getId()));
    }

    private LogPosition lastPosition(RaftServer.Division division) {
        TermIndex last = division.getRaftLog().getLastEntryTermIndex();
        return last == null ? hosted.machine().checkpointed() : new LogPosition(last.getTerm(), last.getIndex());
    }

    /** The members of the configuration in force here; empty where this replica has not heard of one. */
    public GroupMembers members() {
        try {
            checkStands();
            RaftConfiguration configuration = hosted.division().getRaftConf();
            return new GroupMembers(
                    peers(configuration.getCurrentPeers()),
                    peers(configuration.getCurrentPeers(RaftPeerRole.LISTENER)));
        } catch (IOException e) {
            throw Replies.exception(e);
        }
    }

    private static List<PeerId> peers(Collection<RaftPeer> peers) {
        return peers.stream().map(peer -> PeerId.parse(peer.getId().toString())).toList();
    }

    /**
     * Commits a configuration without any incarnation of the node; leader only, and not the leader's own node. Nothing is changed where
     * there is none, but others are asked whether this leader still leads. Harmless when repeated.
     *
     * @return completes when that is committed, with a term: leaders of earlier terms may still count the node's old member, so it is to
     *     come back by {@link RaftHost#openEmpty} with this term; exceptionally with NOT_READY while another change is under way
     */
    public CompletableFuture<Long> dismiss(NodeId node, Duration timeout) {
        CompletableFuture<Long> dismissed;
        try {
            checkStands();
            dismissed = membership.dismiss(node);
        } catch (IOException | RuntimeException e) {
            dismissed = CompletableFuture.failedFuture(e);
        }
        return within("dismiss", ErrorCode.NO_QUORUM, timeout, dismissed);
    }

    /**
     * Makes a new member a voter; leader only. It is first brought up to date, by a snapshot where needed, without counting for any
     * majority. Harmless when repeated.
     *
     * @return completes when it is a voter; exceptionally with NOT_READY while another change is under way, then try again
     */
    public CompletableFuture<Void> admit(PeerId peer, Duration timeout) {
        return bounded("admit", ErrorCode.TIMEOUT, timeout, () -> membership.admit(peer));
    }

    /**
     * Makes a new member a learner: it gets every entry and counts for no majority; leader only. Harmless when repeated.
     *
     * @return completes when the configuration that names it is committed
     */
    public CompletableFuture<Void> admitLearner(PeerId peer, Duration timeout) {
        return bounded("admitLearner", ErrorCode.TIMEOUT, timeout, () -> membership.admitLearner(peer));
    }

    /**
     * Takes a checkpoint now and purges what it makes superfluous in the Raft log, so that trimmed payload can leave the disk.
     *
     * @return the index up to which (inclusive) everything is durable in the machine
     */
    public CompletableFuture<Long> checkpoint(Duration timeout) {
        CompletableFuture<RaftClientReply> reply =
                call(() -> server.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                        clientId, server.getId(), hosted.raftId(), callIds.incrementAndGet(), timeout.toMillis(), 1)));
        return reply.handle((done, failure) -> {
            Replies.check(done, failure);
            return done.getLogIndex();
        });
    }

    /** How the group stands, as far as this replica knows. Not for every request: it walks over the members. */
    public GroupStatus status() {
        Leadership leadership = leadership();
        if (leadership.role() == Leadership.Role.CLOSED) {
            return new GroupStatus(leadership, List.of(), List.of(), -1, -1, -1, -1, Map.of());
        }
        try {
            RaftServer.Division division = hosted.division();
            RaftLog log = division.getRaftLog();
            GroupMembers members = members();
            RatisStateMachine machine = hosted.machine();
            LogPosition applied = machine.applied();
            long lastIndex = log.getNextIndex() - 1;
            return new GroupStatus(
                    leadership,
                    members.voters(),
                    members.learners(),
                    lastIndex,
                    log.getLastCommittedIndex(),
                    applied.index(),
                    machine.checkpointed().index(),
                    leadership.role() == Leadership.Role.LEADER ? lags(division, lastIndex) : Map.of());
        } catch (IOException e) {
            throw Replies.exception(e);
        }
    }

    private Map<PeerId, Long> lags(RaftServer.Division division, long lastIndex) {
        Map<PeerId, Long> lags = new HashMap<>();
        for (CommitInfoProto info : division.getCommitInfos()) {
            String peer = info.getServer().getId().toStringUtf8();
            if (!peer.equals(server.getId().toString())) {
                lags.put(PeerId.parse(peer), Math.max(0, lastIndex - info.getCommitIndex()));
            }
        }
        return lags;
    }

    private CompletableFuture<Void> bounded(String name, ErrorCode late, Duration timeout, Call call) {
        CompletableFuture<Void> result = call(call).handle((reply, failure) -> {
            Replies.check(reply, failure);
            return null;
        });
        return within(name, late, timeout, result);
    }

    private <T extends @Nullable Object> CompletableFuture<T> within(
            String name, ErrorCode late, Duration timeout, CompletableFuture<T> result) {
        CompletableFuture<T> bounded = new CompletableFuture<>();
        Scheduler.Cancellable timer = scheduler.after(
                timeout,
                () -> bounded.completeExceptionally(new BrokerException(
                        late, name + " of group " + hosted.id() + ": no answer within " + timeout.toMillis() + " ms")));
        CompletableFuture<?> unused = result.whenComplete((value, failure) -> {
            timer.cancel();
            if (failure == null) {
                bounded.complete(value);
            } else {
                bounded.completeExceptionally(Replies.exception(Replies.unwrap(failure)));
            }
        });
        return bounded;
    }

    private CompletableFuture<RaftClientReply> call(Call call) {
        try {
            checkStands();
            return call.send();
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
