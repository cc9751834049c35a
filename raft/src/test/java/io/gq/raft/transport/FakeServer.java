package io.gq.raft.transport;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/** The few methods of a Raft server that its transport calls; tests override them. */
class FakeServer {

    private final RaftPeerId id;

    FakeServer(String id) {
        this.id = RaftPeerId.valueOf(id);
    }

    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request) throws IOException {
        return CompletableFuture.completedFuture(AppendEntriesReplyProto.newBuilder()
                .setTerm(request.getLeaderTerm())
                .build());
    }

    RequestVoteReplyProto vote(RequestVoteRequestProto request) throws IOException {
        return RequestVoteReplyProto.newBuilder()
                .setTerm(request.getCandidateTerm())
                .build();
    }

    RaftServer asRaftServer() {
        return (RaftServer) Proxy.newProxyInstance(
                RaftServer.class.getClassLoader(),
                new Class<?>[] {RaftServer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getId" -> id;
                    case "appendEntriesAsync" -> append((AppendEntriesRequestProto) arguments[0]);
                    case "requestVote" -> vote((RequestVoteRequestProto) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
