package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.broker.config.BrokerConfig;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.MeshMessage;
import io.gq.proto.v1.MeshPeer;
import io.gq.proto.v1.Obituary;
import io.gq.proto.v1.PeerGrpc;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two meshes with real streams on loopback; how long anything takes is not looked at. */
class MeshStreamsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final PeerTable addresses = new PeerTable();
    private final Set<NodeId> members = Set.of(new NodeId(1), new NodeId(2));
    private final CopyOnWriteArrayList<Node> nodes = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    @Test
    void shouldSeeEachOtherAndSayWhoDied() throws Exception {
        Node one = new Node(1, "c");
        Node two = new Node(2, "c");

        await().atMost(LONG).until(() -> one.news("2 alive HEARD") && two.news("1 alive HEARD"));
        one.mesh.post(new NodeId(2), Obituary.newBuilder().setDeadNode(3).build());
        two.mesh.post(new NodeId(1), Obituary.newBuilder().setDeadNode(4).build());
        one.mesh.post(new NodeId(2), Obituary.newBuilder().setDeadNode(2).build());

        await().atMost(LONG).until(() -> two.obituaries.contains("1: 3") && one.obituaries.contains("2: 4"));
        assertThat(two.obituaries).as("not of the reader's own death").containsExactly("1: 3");
        assertThat(one.mesh.alive()).containsExactly(new NodeId(2));
        assertThat(one.mesh.describe()).extracting(MeshPeer::getState).containsExactly("ALIVE");
    }

    @Test
    void shouldHoldForDeadWhenTheConnectionBreaksAndSeeItComeBack() throws Exception {
        Node one = new Node(1, "c");
        Node two = new Node(2, "c");
        await().atMost(LONG).until(() -> one.news("2 alive HEARD") && two.news("1 alive HEARD"));

        two.kill();
        await().atMost(LONG).until(() -> one.news("2 dead LOST"));
        Node again = new Node(2, "c");

        await().atMost(LONG)
                .until(() -> again.news("1 alive HEARD")
                        && one.news.lastIndexOf("2 alive HEARD") > one.news.indexOf("2 dead LOST"));

        one.kill();
        await().atMost(LONG).until(() -> again.news("1 dead LOST"));
    }

    @Test
    void shouldSeeItAgainOverANewConnectionWhenTheOldOneCarriesNothingAnyMore() throws Exception {
        Node two = new Node(2, "c");
        try (StuckProxy network = new StuckProxy(two.server.getPort())) {
            addresses.learn(new NodeId(2), endpoint(network.port()));
            Node one = new Node(1, "c");
            await().atMost(LONG).until(() -> one.news("2 alive HEARD") && two.news("1 alive HEARD"));

            network.stick();

            await().atMost(LONG).until(() -> one.news("2 dead SILENT") && two.news("1 dead SILENT"));
            await().atMost(LONG)
                    .until(() -> one.news.lastIndexOf("2 alive HEARD") > one.news.indexOf("2 dead SILENT")
                            && two.news.lastIndexOf("1 alive HEARD") > two.news.indexOf("1 dead SILENT"));
            await().during(Duration.ofMillis(300))
                    .atMost(LONG)
                    .until(() -> one.mesh.alive().contains(new NodeId(2)));
            assertThat(two.news)
                    .as("that the old stream ends is no death")
                    .containsExactly("1 alive HEARD", "1 dead SILENT", "1 alive HEARD");
        }
    }

    @Test
    void shouldHoldForDeadWhoseDiskStallsUnlessTheOwnOneIsSlowToo() throws Exception {
        Node one = new Node(1, "c");
        Node two = new Node(2, "c");
        await().atMost(LONG).until(() -> one.news("2 alive HEARD") && two.news("1 alive HEARD"));

        two.disk.stalled = true;
        await().atMost(LONG).until(() -> one.news("2 dead STALLED"));
        assertThat(one.mesh.describe()).extracting(MeshPeer::getState).containsExactly("STALLED");
        assertThat(two.mesh.alive()).as("it sees the others as ever").containsExactly(new NodeId(1));
        two.disk.stalled = false;
        await().atMost(LONG).until(() -> one.news.lastIndexOf("2 alive HEARD") > one.news.indexOf("2 dead STALLED"));

        two.disk.slow = true;
        one.disk.stalled = true;
        await().during(Duration.ofMillis(300))
                .atMost(LONG)
                .until(() -> two.mesh.alive().contains(new NodeId(1)));
        two.disk.slow = false;
        await().atMost(LONG).until(() -> two.news("1 dead STALLED"));
        two.disk.slow = true;
        await().during(Duration.ofMillis(300))
                .atMost(LONG)
                .until(() -> two.mesh.alive().isEmpty());
    }

    @Test
    void shouldHoldForDeadWhenNobodyListensThere() throws Exception {
        Node two = new Node(2, "c");
        two.kill();
        Node one = new Node(1, "c");

        await().atMost(LONG).until(() -> one.news("2 dead REFUSED"));
    }

    @Test
    void shouldNotListenToAnotherCluster() throws Exception {
        Node one = new Node(1, "mine");
        Node two = new Node(2, "another");

        await().atMost(LONG).until(() -> two.refusals.get() > 1);

        assertThat(one.news).isEmpty();
        assertThat(two.news).isEmpty();
    }

    private static Map<String, Endpoint> endpoint(int port) {
        return Map.of(
                "grpc", Endpoint.newBuilder().setHost("127.0.0.1").setPort(port).build());
    }

    private static final class ToyDisk implements Mesh.OwnDisk {

        volatile boolean stalled;
        volatile boolean slow;

        @Override
        public boolean stalled() {
            return stalled;
        }

        @Override
        public boolean slow() {
            return slow;
        }
    }

    private final class Node extends PeerGrpc.PeerImplBase {

        final List<String> news = new CopyOnWriteArrayList<>();
        final List<String> obituaries = new CopyOnWriteArrayList<>();
        final Mesh mesh;
        final AtomicInteger refusals = new AtomicInteger();
        final ToyDisk disk = new ToyDisk();
        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        private final MeshChannels channels;
        private final Server server;

        Node(int n, String cluster) throws IOException {
            PeerId self = new PeerId(new NodeId(n), String.format("%016x", n));
            channels = new MeshChannels(thread, Optional.empty(), Executors.defaultThreadFactory());
            Set<NodeId> others = new HashSet<>(members);
            others.remove(self.node());
            mesh = new Mesh(
                    self,
                    cluster,
                    BrokerConfig.defaults().mesh(),
                    new Mesh.Environment(
                            thread,
                            scheduler(),
                            System::nanoTime,
                            () -> others,
                            node -> OptionalLong.empty(),
                            disk,
                            addresses,
                            channels),
                    v -> news.add(v.node() + (v.alive() ? " alive " : " dead ") + v.cause()),
                    (from, obituary) -> obituaries.add(from + ": " + obituary.getDeadNode()));
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .executor(thread)
                    .addService(this)
                    .build()
                    .start();
            addresses.learn(self.node(), endpoint(server.getPort()));
            mesh.start();
            nodes.add(this);
        }

        @Override
        public StreamObserver<MeshMessage> mesh(StreamObserver<MeshMessage> out) {
            refusals.incrementAndGet();
            return mesh.accept(out);
        }

        boolean news(String line) {
            return news.contains(line);
        }

        void kill() {
            if (thread.isShutdown()) {
                return;
            }
            mesh.stop();
            server.shutdownNow();
            channels.close();
            thread.shutdown();
        }

        private Scheduler scheduler() {
            return new Scheduler() {
                @Override
                public Cancellable after(Duration delay, Runnable task) {
                    var future = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                    return () -> future.cancel(false);
                }

                @Override
                public Cancellable every(Duration delay, Runnable task) {
                    var future =
                            thread.scheduleWithFixedDelay(task, delay.toNanos(), delay.toNanos(), TimeUnit.NANOSECONDS);
                    return () -> future.cancel(false);
                }
            };
        }
    }
}
