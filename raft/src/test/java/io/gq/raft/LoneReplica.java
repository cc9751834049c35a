package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;

/** One replica of a group of three whose other members are played by the test. It never stands for election by itself. */
final class LoneReplica implements AutoCloseable {

    static final PeerId SECOND = new PeerId(new NodeId(2), TestCluster.incarnation(2));
    static final PeerId THIRD = new PeerId(new NodeId(3), TestCluster.incarnation(3));

    final TestCluster cluster;
    final TestCluster.Host host;
    final GroupId group = TestCluster.newGroup();

    LoneReplica(Path directory) throws IOException {
        this(
                directory,
                TestCluster.quickConfig()
                        .withElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6))
                        .withFirstElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6)));
    }

    LoneReplica(Path directory, RaftConfig config) throws IOException {
        cluster = new TestCluster(directory, config, 1);
        host = cluster.host(1);
        host.open(group, founders());
    }

    List<PeerId> founders() {
        return List.of(host.self, SECOND, THIRD);
    }

    FakeLeader leader(PeerId peer, long term) {
        return new FakeLeader(group, peer, host.self, term);
    }

    /** The server as Ratis made it. */
    RaftServer raw() {
        return host.raft.server();
    }

    /** The server as its transport sees it. */
    RaftServer gated() {
        return GatedServer.of(raw(), this::find, new AppendTimes(System::nanoTime), Directories::sync);
    }

    Optional<HostedGroup> find(GroupId wanted) {
        return host.raft.hosted(wanted);
    }

    AppendEntriesReplyProto append(AppendEntriesRequestProto request) throws IOException {
        return cluster.get(gated().appendEntriesAsync(request));
    }

    CompletableFuture<AppendEntriesReplyProto> send(AppendEntriesRequestProto request) throws IOException {
        return gated().appendEntriesAsync(request);
    }

    static boolean success(CompletableFuture<AppendEntriesReplyProto> reply) {
        return reply.isDone()
                && !reply.isCompletedExceptionally()
                && reply.join().getResult() == AppendResult.SUCCESS;
    }

    RaftLog log() throws IOException {
        return find(group).orElseThrow().division().getRaftLog();
    }

    ToyMachine machine() {
        return host.machine(group);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
