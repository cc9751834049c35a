package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.controller.image.ClusterImage;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import io.gq.core.NodeId;
import io.gq.core.io.StorageFile;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.ControllerReply;
import io.gq.testing.FaultyFiles;
import io.gq.testing.PowerLostException;
import io.gq.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ControllerStateMachineTest {

    private static final GroupId GROUP = new GroupId(UUID.fromString("c0000000-0000-4000-8000-000000000001"));
    private static final Path DIRECTORY = Path.of("/data/controller");
    private static final Path CHECKPOINT = DIRECTORY.resolve("image.checkpoint");

    private final FaultyFiles files = new FaultyFiles(1);
    private final List<ClusterImage> published = new ArrayList<>();
    private final TestCluster leader = new TestCluster(1);
    private ControllerStateMachine machine = machine(files);
    private long index = -1;

    @Test
    void shouldStartEmptyOnAnEmptyDisk() throws Exception {
        assertThat(machine.open(LogTail.EMPTY)).isEqualTo(LogPosition.NONE);

        assertThat(machine.image().version()).isZero();
        assertThat(machine.applied()).isEqualTo(LogPosition.NONE);
        assertThat(machine.checkpointed()).isEqualTo(LogPosition.NONE);
        assertThat(machine.held().remaining()).isZero();
        assertThat(machine.payloads()).isNull();
        assertThat(published).isEmpty();
    }

    @Test
    void shouldAnswerWithTheImageThatHoldsTheChangeAndPublishIt() throws Exception {
        openWithBrokers(3);

        Outcome created = propose(
                leader.proposals.createTopic(machine.image(), Map.of(), new NewTopic("orders", 2, 3, Map.of())));
        Outcome ids = propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(2), 100));
        Outcome more = propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 10));

        assertThat(reply(created).getImageVersion()).isEqualTo(5);
        assertThat(reply(ids).getProducerIdStart()).isZero();
        assertThat(reply(ids).getProducerIdCount()).isEqualTo(100);
        assertThat(reply(more).getProducerIdStart()).isEqualTo(100);
        assertThat(published).extracting(ClusterImage::version).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(published.get(6)).isSameAs(machine.image());
        assertThat(machine.image().topic("orders")).isPresent();
    }

    @Test
    void shouldRefuseBytesThatAreNoCommandAndGoOn() throws Exception {
        openWithBrokers(1);
        ClusterImage before = machine.image();

        Outcome garbage = apply(ByteBuffer.wrap(new byte[] {(byte) 0xff, 1, 2, 3}));
        Outcome empty = apply(ByteBuffer.allocate(0));

        assertThat(garbage.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(empty.error()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        assertThat(machine.image()).isSameAs(before);
        assertThat(machine.applied()).isEqualTo(new LogPosition(1, index));
        assertThat(propose(leader.proposals.allocateProducerIds(before, new NodeId(1), 1))
                        .accepted())
                .isTrue();
    }

    @Test
    void shouldRefuseACommandThatNoLongerHolds() throws Exception {
        openWithBrokers(3);
        NewTopic orders = new NewTopic("orders", 1, 1, Map.of());
        Proposal first = leader.proposals.createTopic(machine.image(), Map.of(), orders);
        Proposal second = leader.proposals.createTopic(machine.image(), Map.of(), orders);

        assertThat(propose(first).accepted()).isTrue();
        Outcome refused = propose(second);

        assertThat(refused.error()).isEqualTo(ErrorCode.TOPIC_EXISTS);
        assertThat(refused.message()).contains("'orders' exists");
        assertThat(published).hasSize(5);
    }

    @Test
    void shouldSkipAnEntryItHasApplied() throws Exception {
        openWithBrokers(1);
        Proposal ids = leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 5);
        Entry entry = new Entry(1, index + 1, ids.bytes());
        machine.apply(entry);
        byte[] after = machine.encodedImage();

        machine.apply(entry);
        machine.skip(new LogPosition(1, 0));

        assertThat(machine.encodedImage()).isEqualTo(after);
        assertThat(machine.applied()).isEqualTo(entry.position());
    }

    @Test
    void shouldNotMoveTheBufferItIsGiven() throws Exception {
        machine.open(LogTail.EMPTY);
        ByteBuffer command = leader.proposals
                .foundCluster(machine.image(), TestCluster.CLUSTER_ID)
                .bytes();
        int remaining = command.remaining();

        apply(command);

        assertThat(command.remaining()).isEqualTo(remaining);
    }

    @Test
    void shouldGoOnWhenAListenerFails() throws Exception {
        machine = new ControllerStateMachine(GROUP, DIRECTORY, files, image -> {
            throw new IllegalStateException("listener");
        });
        machine.open(LogTail.EMPTY);

        assertThat(propose(leader.proposals.foundCluster(machine.image(), TestCluster.CLUSTER_ID))
                        .accepted())
                .isTrue();
        assertThat(machine.image().clusterId()).isEqualTo(TestCluster.CLUSTER_ID);
    }

    @Test
    void shouldStopWhenAListenerFindsABrokenInvariant() throws Exception {
        machine = new ControllerStateMachine(
                GROUP, DIRECTORY, files, image -> Invariant.check(false, "image %d", image.version()));
        machine.open(LogTail.EMPTY);

        assertThatThrownBy(() -> propose(leader.proposals.foundCluster(machine.image(), TestCluster.CLUSTER_ID)))
                .isInstanceOf(Invariant.Violation.class);
    }

    @Test
    void shouldComeBackFromItsCheckpoint() throws Exception {
        openWithBrokers(3);
        propose(leader.proposals.createTopic(machine.image(), Map.of(), new NewTopic("orders", 3, 2, Map.of())));
        machine.skip(new LogPosition(2, ++index));
        byte[] image = machine.encodedImage();
        LogPosition position = machine.checkpoint();
        assertThat(position).isEqualTo(new LogPosition(2, index)).isEqualTo(machine.checkpointed());
        propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 5));
        machine.close();
        files.crash();
        published.clear();

        machine = machine(files);
        assertThat(machine.open(new LogTail(position.index() + 1, position.index() + 2, List.of())))
                .isEqualTo(position);

        assertThat(machine.encodedImage()).isEqualTo(image);
        assertThat(machine.applied()).isEqualTo(position);
        assertThat(machine.checkpointed()).isEqualTo(position);
        assertThat(published).hasSize(1);
    }

    @Test
    void shouldWriteNoCheckpointWhenNothingWasApplied() throws Exception {
        openWithBrokers(1);
        machine.checkpoint();
        long operations = files.operations();

        machine.checkpoint();

        assertThat(files.operations()).isEqualTo(operations);
    }

    @Test
    void shouldHaveTheOldCheckpointOrTheNewWhenPowerIsLostAtAnyPoint() {
        Seeds.check(60, seeds -> {
            for (int cut = 1; cut < 12; cut++) {
                FaultyFiles disk = new FaultyFiles(seeds.random().nextLong());
                machine = machine(disk);
                index = -1;
                openWithBrokers(2);
                LogPosition first = machine.checkpoint();
                byte[] firstImage = machine.encodedImage();
                propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 5));
                byte[] secondImage = machine.encodedImage();
                disk.powerOffAt(cut);
                boolean written = false;
                try {
                    machine.checkpoint();
                    written = true;
                } catch (PowerLostException e) {
                    assertThat(machine.checkpointed()).isEqualTo(first);
                }
                LogPosition second = machine.applied();
                disk.crash();

                ControllerStateMachine restored = machine(disk);
                LogPosition opened = restored.open(new LogTail(first.index() + 1, second.index() + 1, List.of()));

                assertThat(opened).isIn(first, second);
                assertThat(restored.encodedImage()).isEqualTo(opened.equals(first) ? firstImage : secondImage);
                if (written) {
                    assertThat(opened).isEqualTo(second);
                }
            }
        });
    }

    @Test
    void shouldKeepTheOldCheckpointWhenTheNewOneCannotBeWritten() throws Exception {
        openWithBrokers(2);
        LogPosition first = machine.checkpoint();
        propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 5));

        files.failForce(1);
        assertThatThrownBy(() -> machine.checkpoint()).isInstanceOf(IOException.class);
        assertThat(machine.checkpointed()).isEqualTo(first);
        files.limitBytes(files.bytes(CHECKPOINT).length);
        assertThatThrownBy(() -> machine.checkpoint()).isInstanceOf(IOException.class);
        files.limitBytes(Long.MAX_VALUE);

        assertThat(machine.checkpoint()).isEqualTo(machine.applied());
        assertThat(files.forcesAfterFailure()).isZero();
    }

    @Test
    void shouldSayDamagedWhenTheCheckpointIsNotWhole() throws Exception {
        openWithBrokers(2);
        machine.checkpoint();
        byte[] good = files.bytes(CHECKPOINT);
        for (int bit = 0; bit < good.length * 8; bit += 5) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertDamaged(bad);
        }
        for (int length = 0; length < good.length; length += 7) {
            assertDamaged(Arrays.copyOf(good, length));
        }
        assertDamaged(Arrays.copyOf(good, good.length + 1));
    }

    @Test
    void shouldSayDamagedWhenTheCheckpointIsOfAnotherGroupOrMissing() throws Exception {
        openWithBrokers(2);
        LogPosition position = machine.checkpoint();
        GroupId other = new GroupId(new UUID(1, 1));

        assertThatThrownBy(() -> new ControllerStateMachine(other, DIRECTORY, files, image -> {})
                        .open(new LogTail(0, 0, List.of())))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("group: " + GROUP + " (expected: " + other + ")");
        LogTail purged = new LogTail(position.index() + 2, position.index() + 2, List.of());
        assertThatThrownBy(() -> machine(files).open(purged))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("no longer reaches");
        files.delete(CHECKPOINT);
        assertThatThrownBy(() -> machine(files).open(new LogTail(1, 1, List.of())))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageContaining("index -1 (expected: >= 0");
    }

    @Test
    void shouldInstallASnapshotThatIsDurableAtOnce() throws Exception {
        openWithBrokers(3);
        propose(leader.proposals.createTopic(machine.image(), Map.of(), new NewTopic("orders", 3, 2, Map.of())));
        FaultyFiles disk = new FaultyFiles(2);
        ControllerStateMachine behind = machine(disk);
        behind.open(LogTail.EMPTY);
        published.clear();

        try (SnapshotReader snapshot = machine.snapshot(behind.held())) {
            assertThat(snapshot.position()).isEqualTo(machine.applied());
            assertThat(behind.install(snapshot)).isEqualTo(machine.applied());
        }

        assertThat(published).hasSize(1);
        assertThat(behind.applied()).isEqualTo(machine.applied()).isEqualTo(behind.checkpointed());
        disk.crash();
        ControllerStateMachine again = machine(disk);
        again.open(new LogTail(machine.applied().index() + 1, machine.applied().index() + 1, List.of()));
        assertThat(again.encodedImage()).isEqualTo(machine.encodedImage());
    }

    @Test
    void shouldCutALargeImageIntoFramesOfAMebibyte() throws Exception {
        openWithBrokers(3);
        for (int i = 0; i < 3; i++) {
            propose(leader.proposals.createTopic(machine.image(), Map.of(), new NewTopic("t" + i, 5_000, 3, Map.of())));
        }
        List<ByteBuffer> frames = frames(machine.snapshot(machine.held()));
        assertThat(frames).hasSizeGreaterThan(1).allMatch(frame -> frame.remaining() <= (1 << 20) + 64);

        ControllerStateMachine behind = machine(new FaultyFiles(2));
        behind.open(LogTail.EMPTY);
        behind.install(new Frames(machine.applied(), frames));

        assertThat(behind.encodedImage()).isEqualTo(machine.encodedImage());
        List<ByteBuffer> missing = frames.subList(0, frames.size() - 1);
        List<ByteBuffer> disordered = new ArrayList<>(frames);
        Collections.swap(disordered, 0, 1);
        List<ByteBuffer> repeated = new ArrayList<>(frames);
        repeated.add(frames.get(frames.size() - 1));
        for (List<ByteBuffer> bad : List.of(missing, disordered, repeated)) {
            ControllerStateMachine fresh = machine(new FaultyFiles(3));
            fresh.open(LogTail.EMPTY);
            assertThatThrownBy(() -> fresh.install(new Frames(machine.applied(), bad)))
                    .isInstanceOf(IOException.class);
            assertThat(fresh.applied()).isEqualTo(LogPosition.NONE);
        }
    }

    @Test
    void shouldRefuseADamagedSnapshotAndStayAsItWas() throws Exception {
        openWithBrokers(2);
        List<ByteBuffer> frames = frames(machine.snapshot(machine.held()));
        ControllerStateMachine fresh = machine(new FaultyFiles(2));
        fresh.open(LogTail.EMPTY);
        published.clear();
        Seeds.check(200, seeds -> {
            ByteBuffer frame = frames.get(0);
            byte[] bad = new byte[frame.remaining()];
            frame.get(frame.position(), bad);
            bad[seeds.between(0, bad.length - 1)] ^= (byte) (1 << seeds.between(0, 7));
            byte[] sent = seeds.oneIn(3) ? Arrays.copyOf(bad, seeds.between(0, bad.length - 1)) : bad;

            assertThatThrownBy(() -> fresh.install(new Frames(machine.applied(), List.of(ByteBuffer.wrap(sent)))))
                    .isInstanceOf(IOException.class);
        });
        assertThatThrownBy(() -> fresh.install(new Frames(machine.applied(), List.of())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("snapshot: 0 bytes");
        assertThatThrownBy(() -> fresh.install(new Frames(new LogPosition(9, 9), frames)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("position");

        assertThat(fresh.applied()).isEqualTo(LogPosition.NONE);
        assertThat(fresh.image()).isSameAs(ClusterImage.EMPTY);
        assertThat(published).isEmpty();
    }

    @Test
    void shouldRefuseASnapshotOlderThanItsOwnState() throws Exception {
        openWithBrokers(2);
        SnapshotReader old = machine.snapshot(machine.held());
        propose(leader.proposals.allocateProducerIds(machine.image(), new NodeId(1), 5));
        ClusterImage before = machine.image();

        assertThatThrownBy(() -> machine.install(old))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("applied here");
        assertThat(machine.image()).isSameAs(before);
    }

    @Test
    void shouldBeUnmovedByLeadership() throws Exception {
        openWithBrokers(1);
        byte[] before = machine.encodedImage();

        machine.lead(3);
        machine.follow();

        assertThat(machine.encodedImage()).isEqualTo(before);
        assertThat(machine.verify(3, ByteBuffer.allocate(0))).isNull();
    }

    private void assertDamaged(byte[] checkpoint) throws IOException {
        FaultyFiles disk = new FaultyFiles(9);
        disk.createDirectories(DIRECTORY);
        try (StorageFile file = disk.open(CHECKPOINT)) {
            file.write(ByteBuffer.wrap(checkpoint), 0);
        }
        ControllerStateMachine damaged = machine(disk);
        assertThatThrownBy(() -> damaged.open(LogTail.EMPTY))
                .isInstanceOf(DamagedReplicaException.class)
                .hasMessageStartingWith(CHECKPOINT.toString());
    }

    private ControllerStateMachine machine(FaultyFiles disk) {
        return new ControllerStateMachine(GROUP, DIRECTORY, disk, published::add);
    }

    private void openWithBrokers(int brokers) throws Exception {
        machine.open(LogTail.EMPTY);
        propose(leader.proposals.foundCluster(machine.image(), TestCluster.CLUSTER_ID));
        for (int node = 1; node <= brokers; node++) {
            leader.image = machine.image();
            leader.register(node, 1);
            propose(leader.proposals.registerBroker(
                    machine.image(),
                    leader.image.broker(new NodeId(node)).orElseThrow().peer(),
                    1,
                    "",
                    TestCluster.listeners(node)));
        }
    }

    private Outcome propose(Proposal proposal) {
        return apply(proposal.bytes());
    }

    private Outcome apply(ByteBuffer command) {
        return machine.apply(new Entry(1, ++index, command));
    }

    private static ControllerReply reply(Outcome outcome) throws InvalidProtocolBufferException {
        return ControllerReply.parseFrom(outcome.reply());
    }

    private static List<ByteBuffer> frames(SnapshotReader snapshot) throws IOException {
        List<ByteBuffer> frames = new ArrayList<>();
        try (snapshot) {
            for (ByteBuffer frame = snapshot.next(); frame != null; frame = snapshot.next()) {
                frames.add(frame);
            }
        }
        return frames;
    }

    /** Frames as they come over the wire. */
    private static final class Frames implements SnapshotReader {
        private final LogPosition position;
        private final Deque<ByteBuffer> frames;

        Frames(LogPosition position, List<ByteBuffer> frames) {
            this.position = position;
            this.frames = new ArrayDeque<>(frames);
        }

        @Override
        public LogPosition position() {
            return position;
        }

        @Override
        public ByteBuffer next() {
            return frames.poll();
        }

        @Override
        public void close() {}
    }
}
