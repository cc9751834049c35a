package io.gq.raft;

import io.gq.core.GroupId;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Raft server as its transport sees it: the one place through which every request of a peer comes in and every reply goes out (word of a
 * commit, which is no request, goes to {@link FollowerCommits}). Appends
 * pass the group's {@link AppendGate}, votes are synced before they leave, and a notice to install a snapshot that this replica does not
 * need is answered without touching anything. Requests of clients and administrators are refused: ours come from inside the process.
 */
final class GatedServer implements InvocationHandler {

    /** Finds what the gate needs of the groups hosted here. */
    interface Groups {
        Optional<HostedGroup> find(GroupId group);
    }

    private static final Logger LOG = LoggerFactory.getLogger(GatedServer.class);
    private static final Duration COPY_WAIT = Duration.ofMillis(100);
    private static final Set<String> CLOSED_PREFIXES =
            Set.of("submit", "setConfiguration", "transfer", "snapshot", "leaderElection", "group", "getGroup");

    /** Makes a directory's names durable. */
    interface DirectorySync {
        void sync(Path directory) throws IOException;
    }

    private final RaftServer server;
    private final Groups groups;
    private final AppendTimes appendTimes;
    private final DirectorySync directorySync;

    private GatedServer(RaftServer server, Groups groups, AppendTimes appendTimes, DirectorySync directorySync) {
        this.server = server;
        this.groups = groups;
        this.appendTimes = appendTimes;
        this.directorySync = directorySync;
    }

    static RaftServer of(RaftServer server, Groups groups, AppendTimes appendTimes, DirectorySync directorySync) {
        return (RaftServer) Proxy.newProxyInstance(
                RaftServer.class.getClassLoader(),
                new Class<?>[] {RaftServer.class},
                new GatedServer(server, groups, appendTimes, directorySync));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        Object first = arguments == null || arguments.length == 0 ? null : arguments[0];
        return switch (method.getName()) {
            case "appendEntriesAsync" -> append((AppendEntriesRequestProto) first);
            case "requestVote" -> vote((RequestVoteRequestProto) first);
            case "installSnapshot" -> installSnapshot((InstallSnapshotRequestProto) first);
            case "readIndexAsync" -> readIndex((ReadIndexRequestProto) first);
            case "startLeaderElection" -> startLeaderElection((StartLeaderElectionRequestProto) first);
            default -> {
                if (CLOSED_PREFIXES.stream().anyMatch(method.getName()::startsWith)) {
                    throw new UnsupportedOperationException(method.getName() + " is not served to other processes");
                }
                yield delegate(method, arguments);
            }
        };
    }

    private @Nullable Object delegate(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(server, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private Object append(AppendEntriesRequestProto request) throws IOException {
        appendTimes.heard(request.getServerRequest().getRequestorId());
        Optional<HostedGroup> group = find(request.getServerRequest());
        return group.isPresent()
                ? group.get().gate().append(request, server::appendEntriesAsync)
                : server.appendEntriesAsync(request);
    }

    private RequestVoteReplyProto vote(RequestVoteRequestProto request) throws IOException {
        Optional<HostedGroup> group = find(request.getServerRequest());
        if (group.isPresent()) {
            group.get().gate().checkOpen();
        }
        if (group.isPresent() && request.getPreVote()) {
            return ElectionTimeout.keptBy(group.get().division(), () -> server.requestVote(request));
        }
        RequestVoteReplyProto reply = server.requestVote(request);
        if (group.isPresent()) {
            // raft-meta was synced and renamed into place; the new name is durable only after this.
            directorySync.sync(group.get().currentDirectory());
        }
        return reply;
    }

    private CompletableFuture<ReadIndexReplyProto> readIndex(ReadIndexRequestProto request) throws IOException {
        RaftRpcRequestProto asked = request.getServerRequest();
        HostedGroup group = find(asked).orElseThrow(() -> new IOException("group is not hosted"));
        group.gate().checkOpen();
        return group.readRounds()
                .confirm(group.division())
                .handle((index, failure) -> ReadIndexReplyProto.newBuilder()
                        .setServerReply(reply(asked, failure == null))
                        .setReadIndex(failure == null ? index : 0)
                        .build());
    }

    private static RaftRpcReplyProto reply(RaftRpcRequestProto request, boolean success) {
        return RaftRpcReplyProto.newBuilder()
                .setRequestorId(request.getRequestorId())
                .setReplyId(request.getReplyId())
                .setRaftGroupId(request.getRaftGroupId())
                .setCallId(request.getCallId())
                .setSuccess(success)
                .build();
    }

    private StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        Optional<HostedGroup> group = find(request.getServerRequest());
        if (group.isPresent()) {
            group.get().gate().checkOpen();
        }
        return server.startLeaderElection(request);
    }

    /**
     * Ratis takes the members that a leader names over with the notice, and writes them: also of a leader that it refuses, and before
     * anything is installed, so that they are gone with the next append where nothing is. So they are left out, and come with the snapshot
     * ({@link SnapshotConfiguration}). Only where we do not know the leader as a member Ratis needs them, to say from whom to copy.
     */
    private static InstallSnapshotRequestProto withMembers(
            HostedGroup group, InstallSnapshotRequestProto request, Optional<LogEntryProto> ofSnapshot)
            throws IOException {
        if (ofSnapshot.isPresent()) {
            return request.toBuilder()
                    .setLastRaftConfigurationLogEntryProto(ofSnapshot.get())
                    .build();
        }
        RaftPeerId leader = RaftPeerId.valueOf(request.getServerRequest().getRequestorId());
        boolean known = group.division().getRaftConf().getPeer(leader) != null;
        return known || request.getLeaderTerm() < group.currentTerm()
                ? request.toBuilder().clearLastRaftConfigurationLogEntryProto().build()
                : request;
    }

    private InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        Optional<HostedGroup> group = find(request.getServerRequest());
        if (group.isPresent()) {
            group.get().gate().checkOpen();
        }
        if (group.isPresent() && request.hasNotification()) {
            Optional<InstallSnapshotReplyProto> answer = answerNotice(group.get(), request);
            if (answer.isPresent()) {
                return answer.get();
            }
            try {
                group.get().machine().copy().await(COPY_WAIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            dropDivergentTail(group.get(), request);
            Optional<LogEntryProto> ofSnapshot = group.get().machine().copy().tell();
            return server.installSnapshot(withMembers(group.get(), askingForMore(request), ofSnapshot));
        }
        return server.installSnapshot(request);
    }

    /**
     * Ratis holds a snapshot that ends right before the leader's first entry for enough. It may not be ({@link #agreedIndex}), so it is told
     * that the leader begins one later and then copies. A leader that has applied its first entry gives a snapshot that goes further; one
     * that has not gives what we have, and can name it, since its own checkpoint ends there.
     */
    private InstallSnapshotRequestProto askingForMore(InstallSnapshotRequestProto request) throws IOException {
        TermIndex first = TermIndex.valueOf(request.getNotification().getFirstAvailableTermIndex());
        RaftLog log = server.getDivision(raftId(request.getServerRequest())).getRaftLog();
        if (first.getIndex() <= 0 || log.getSnapshotIndex() != first.getIndex() - 1) {
            return request;
        }
        InstallSnapshotRequestProto.Builder raised = request.toBuilder();
        raised.getNotificationBuilder()
                .setFirstAvailableTermIndex(
                        TermIndex.valueOf(first.getTerm(), first.getIndex() + 1).toProto());
        return raised.build();
    }

    /**
     * A leader that restarts its connection forgets how far this replica is and tells it to install a snapshot from index 0 on. Ratis
     * would do so; if our log holds all that the leader's no longer does, we only say how far we agree.
     */
    private Optional<InstallSnapshotReplyProto> answerNotice(HostedGroup group, InstallSnapshotRequestProto request)
            throws IOException {
        TermIndex first = TermIndex.valueOf(request.getNotification().getFirstAvailableTermIndex());
        RaftServer.Division division = server.getDivision(raftId(request.getServerRequest()));
        if (first.getIndex() <= 0
                || group.machine().copy().running()
                || !(division.getInfo().isFollower() || division.getInfo().isListener())
                || division.getInfo().getCurrentTerm() != request.getLeaderTerm()) {
            return Optional.empty();
        }
        long agreed = agreedIndex(division.getRaftLog(), first);
        if (agreed < 0) {
            return Optional.empty();
        }
        LOG.info("snapshot not needed group={} leaderFirst={} agreedIndex={}", group.id(), first, agreed);
        return Optional.of(InstallSnapshotReplyProto.newBuilder()
                .setServerReply(reply(request.getServerRequest(), true))
                .setTerm(request.getLeaderTerm())
                .setResult(InstallSnapshotResult.ALREADY_INSTALLED)
                .setSnapshotIndex(agreed)
                .build());
    }

    private void dropDivergentTail(HostedGroup group, InstallSnapshotRequestProto request) throws IOException {
        TermIndex first = TermIndex.valueOf(request.getNotification().getFirstAvailableTermIndex());
        if (first.getIndex() > 0) {
            RaftPeerId leader = RaftPeerId.valueOf(request.getServerRequest().getRequestorId());
            DivergentTail.drop(group, leader, request.getLeaderTerm(), first);
        }
    }

    /**
     * The last index up to which our log surely equals the leader's and is flushed; -1 where it does not hold the leader's first. To end
     * right before that one is not enough: the leader cannot say what comes before it, so it sends nothing and asks again, for ever.
     */
    private static long agreedIndex(RaftLog log, TermIndex first) {
        long committed = Math.min(log.getLastCommittedIndex(), log.getFlushIndex());
        if (committed >= first.getIndex()) {
            return committed;
        }
        boolean sameEntry = first.equals(log.getTermIndex(first.getIndex())) && log.getFlushIndex() >= first.getIndex();
        return sameEntry ? first.getIndex() : -1;
    }

    private Optional<HostedGroup> find(RaftRpcRequestProto request) {
        return groups.find(new GroupId(raftId(request).getUuid()));
    }

    private static RaftGroupId raftId(RaftRpcRequestProto request) {
        return RaftGroupId.valueOf(request.getRaftGroupId().getId());
    }
}
