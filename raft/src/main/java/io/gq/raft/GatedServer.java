package io.gq.raft;

import io.gq.core.GroupId;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexReplyProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * The Raft server as its transport sees it: the one place through which every request of a peer comes in and every reply goes out (word of a
 * commit, which is no request, goes to {@link FollowerCommits}). Appends
 * pass the group's {@link AppendGate}, votes are synced before they leave, and notices to install a snapshot go through {@link
 * SnapshotNotice}. Requests of clients and administrators are refused: ours come from inside the process.
 */
final class GatedServer implements InvocationHandler {

    /** Finds what the gate needs of the groups hosted here. */
    interface Groups {
        Optional<HostedGroup> find(GroupId group);
    }

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

    static RaftRpcReplyProto reply(RaftRpcRequestProto request, boolean success) {
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

    private InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        Optional<HostedGroup> group = find(request.getServerRequest());
        if (group.isPresent()) {
            group.get().gate().checkOpen();
        }
        return group.isPresent() && request.hasNotification()
                ? new SnapshotNotice(group.get(), server, request).answer()
                : server.installSnapshot(request);
    }

    private Optional<HostedGroup> find(RaftRpcRequestProto request) {
        return groups.find(new GroupId(raftId(request).getUuid()));
    }

    private static RaftGroupId raftId(RaftRpcRequestProto request) {
        return RaftGroupId.valueOf(request.getRaftGroupId().getId());
    }
}
