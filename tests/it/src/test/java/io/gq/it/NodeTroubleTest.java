package io.gq.it;

import static io.gq.it.cluster.Topics.batch;
import static io.gq.it.cluster.Topics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.gq.core.ErrorCode;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.DataFiles;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.ReadLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Trouble of one node: what it is pointed at, its ports, its disk. Mostly clusters of one, so that nobody else can mend it. */
@Tag("node")
@Order(10)
class NodeTroubleTest {

    private final List<ClusterFixture> clusters = new ArrayList<>();

    @AfterEach
    void closeClusters() {
        clusters.forEach(ClusterFixture::close);
    }

    @Test
    void shouldRefuseToStartWhenPortIsInUse() throws IOException {
        ClusterFixture cluster = single("port-in-use");
        int port = cluster.node(1).ports().grpc();
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

            assertRefusesToStart(cluster.node(1), ErrorCode.ADDRESS_IN_USE, Integer.toString(port));
        }
    }

    @Test
    void shouldRefuseToStartWhenDataDirectoryIsBad() {
        ClusterFixture first = single("data-dir");
        first.startAll();
        BrokerProcess second = single("data-dir-second").node(1);

        // in use by a running broker
        second.set("data_dir", first.node(1).dataDir().toString());
        assertRefusesToStart(
                second, ErrorCode.DATA_DIR_IN_USE, first.node(1).dataDir().toString());

        // of another node
        first.node(1).terminate();
        ClusterFixture two =
                keep(ClusterFixture.named("data-dir-other-node").nodes(2).build());
        two.node(2).set("data_dir", first.node(1).dataDir().toString());
        assertRefusesToStart(two.node(2), ErrorCode.DATA_DIR_MISMATCH, "2");
    }

    @Test
    void shouldRefuseToJoinWhenDataDirectoryIsOfAnotherCluster() {
        ClusterFixture one = single("cluster-one");
        one.startAll();
        ClusterFixture other =
                keep(ClusterFixture.named("cluster-other").nodes(2).build());
        other.node(1).start();
        other.node(1).awaitReady();

        // node 2 brings a disk that belongs to the first cluster: it was node 2 there
        ClusterFixture donor =
                keep(ClusterFixture.named("cluster-donor").nodes(2).build());
        donor.node(2).set("controllers", "1@" + one.node(1).address());
        donor.node(2).start();
        donor.node(2).awaitReady();
        donor.node(2).terminate();
        other.node(2).set("data_dir", donor.node(2).dataDir().toString());

        assertRefusesToStart(other.node(2), ErrorCode.CLUSTER_MISMATCH, "cluster");
    }

    @Test
    void shouldNameNearestKeyWhenSettingIsUnknown() {
        BrokerProcess broker = single("unknown-key").node(1);
        broker.set("storage.disk_reserve_byte", "1GB");

        broker.start();

        assertThat(broker.awaitExit()).isNotZero();
        assertThat(broker.output()).contains("storage.disk_reserve_byte").contains("storage.disk_reserve_bytes");
    }

    @Test
    void shouldRefuseToStartWhenValueIsInvalid() {
        BrokerProcess broker = single("invalid-value").node(1);
        broker.set("max_message_size", "9GB");

        broker.start();

        assertThat(broker.awaitExit()).isNotZero();
        assertThat(broker.output()).contains("max_message_size").contains("9GB").contains("expected");
    }

    @Test
    void shouldRefuseProduceAndGoOnReadingWhenDiskIsFull() throws Exception {
        ClusterFixture cluster = single("full-disk");
        Path disk = Files.createDirectories(cluster.dir().resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk.toString()))
                .as("a small disk can be mounted")
                .isZero();
        try {
            BrokerProcess broker = cluster.node(1);
            broker.set("data_dir", disk.resolve("data").toString());
            broker.set("storage.disk_reserve_bytes", "32MB");
            cluster.startAll();
            Topics topics = new Topics(cluster);
            topics.create("filled", 1, 1);
            long first = topics.append("filled", 0, bytes("before"));
            Path filler = disk.resolve("filler");
            fill(filler, disk, 16 << 20);

            ProduceResponse refused = await("produce refused")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> topics.produce("filled", 0, batch(bytes("while full"))), ProduceResponse::hasError);
            assertThat(refused.getError().getName()).isEqualTo(ErrorCode.DISK_FULL.name());
            assertThat(refused.getError().getRetriable()).isTrue();
            try (RawClient client = new RawClient(broker.address())) {
                assertThat(client.dump("filled", 0, ReadLevel.READ_LEVEL_LEADER).rows())
                        .as("reads go on")
                        .isNotEmpty();
            }

            Files.delete(filler);

            await("produce resumes by itself")
                    .atMost(Duration.ofSeconds(15))
                    .until(() ->
                            !topics.produce("filled", 0, batch(bytes("after"))).hasError());
            assertThat(first).isZero();
            assertThat(broker.alive()).isTrue();
        } finally {
            cluster.close();
            run("umount", "-l", disk.toString());
        }
    }

    @Test
    void shouldLeadWhereThereIsRoomWhileADiskIsFull() throws Exception {
        ClusterFixture cluster = keep(ClusterFixture.named("full-disk-of-three").build());
        Path disk = Files.createDirectories(cluster.dir().resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk.toString()))
                .as("a small disk can be mounted")
                .isZero();
        try {
            cluster.node(1).set("data_dir", disk.resolve("data").toString());
            cluster.node(1).set("storage.disk_reserve_bytes", "32MB");
            cluster.startAll();
            Topics topics = new Topics(cluster);
            topics.create("roomy", 3, 3);
            await("a leader on node 1").until(() -> leads(topics, cluster.node(1)));

            fill(disk.resolve("filler"), disk, 16 << 20);
            await("no leader on node 1").atMost(Duration.ofSeconds(30)).until(() -> !leads(topics, cluster.node(1)));
            for (int partition = 0; partition < 3; partition++) {
                topics.append("roomy", partition, bytes("while a disk is full"));
            }

            Files.delete(disk.resolve("filler"));
            await("a leader on node 1 again")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> leads(topics, cluster.node(1)));
        } finally {
            cluster.close();
            run("umount", "-l", disk.toString());
        }
    }

    private static boolean leads(Topics topics, BrokerProcess broker) {
        return IntStream.range(0, 3).anyMatch(partition -> topics.leader("roomy", partition) == broker);
    }

    @Test
    void shouldRefuseProduceWhenReserveIsAboveFreeSpace() {
        ClusterFixture cluster = single("reserve");
        cluster.startAll();
        Topics topics = new Topics(cluster);
        topics.create("reserved", 1, 1);
        topics.append("reserved", 0, bytes("before"));
        cluster.node(1).terminate();
        cluster.node(1).set("storage.disk_reserve_bytes", "1000TB");
        cluster.node(1).start();
        cluster.node(1).awaitReady();

        ProduceResponse refused = await("produce refused")
                .atMost(Duration.ofSeconds(10))
                .until(() -> topics.produce("reserved", 0, batch(bytes("x"))), ProduceResponse::hasError);

        assertThat(refused.getError().getName()).isEqualTo(ErrorCode.DISK_FULL.name());
        try (RawClient client = new RawClient(cluster.node(1).address())) {
            assertThat(client.dump("reserved", 0, ReadLevel.READ_LEVEL_LEADER).rows())
                    .hasSize(1);
        }
    }

    @Test
    void shouldCutTailWhenItIsTorn() throws IOException {
        ClusterFixture cluster = single("torn-tail");
        cluster.startAll();
        Topics topics = new Topics(cluster);
        topics.create("torn", 1, 1);
        for (int i = 0; i < 20; i++) {
            topics.append("torn", 0, bytes("whole " + i));
        }
        String group = topics.groupId("torn", 0);
        cluster.node(1).kill();
        List<Path> segments = DataFiles.segments(cluster.node(1).dataDir(), group);
        Path last = segments.get(segments.size() - 1);
        byte[] held = DataFiles.read(last);
        int end = DataFiles.indexOf(held, bytes("whole 19"), 0) + "whole 19".length() + 1;
        // what a write that was under way at a power cut leaves: the beginning of a batch nobody was told of
        DataFiles.overwrite(last, end, java.util.Arrays.copyOf(held, 70));

        cluster.startAll();

        try (RawClient client = new RawClient(cluster.node(1).address())) {
            assertThat(client.dump("torn", 0, ReadLevel.READ_LEVEL_LEADER).rows())
                    .hasSize(20);
        }
        assertThat(topics.append("torn", 0, bytes("after"))).isEqualTo(20);
    }

    @Test
    void shouldStopCleanlyAndComeBackWhenTerminated() {
        ClusterFixture cluster = single("clean-stop");
        cluster.startAll();
        Topics topics = new Topics(cluster);
        topics.create("kept", 2, 1);
        topics.append("kept", 1, bytes("kept"));

        assertThat(cluster.node(1).terminate()).as("exit code").isIn(0, 143);
        cluster.startAll();

        try (RawClient client = new RawClient(cluster.node(1).address())) {
            assertThat(client.dump("kept", 1, ReadLevel.READ_LEVEL_LEADER).rows())
                    .hasSize(1);
        }
    }

    private ClusterFixture single(String name) {
        return keep(
                ClusterFixture.named(name).nodes(1).set("topics.replicas", "1").build());
    }

    private ClusterFixture keep(ClusterFixture cluster) {
        clusters.add(cluster);
        return cluster;
    }

    private static void assertRefusesToStart(BrokerProcess broker, ErrorCode code, String value) {
        broker.start();
        assertThat(broker.awaitExit()).as("exit code").isNotZero();
        assertThat(broker.output()).contains(code.label()).contains(code.name()).contains(value);
    }

    /** Writes until no more than {@code leave} bytes are free. */
    private static void fill(Path file, Path disk, long leave) throws IOException {
        byte[] block = new byte[1 << 20];
        try (var out = Files.newOutputStream(file)) {
            while (Files.getFileStore(disk).getUsableSpace() > leave) {
                out.write(block);
            }
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (IOException e) {
            return -1; // no such program here
        }
    }
}
