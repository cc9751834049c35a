package io.gq.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ClusterImageCodec;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.SnapshotReader;
import io.gq.testing.FaultyFiles;
import io.gq.testing.PowerLostException;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Three replicas apply one log of good, bad and meaningless commands, each at its own pace, with checkpoints, crashes, lost disks and
 * snapshots between. All must give the same answers and end with the same bytes, and what an image promises must hold at every step.
 */
class ControllerSimulationTest {

    private static final GroupId GROUP = new GroupId(new UUID(1, 2));
    private static final Path DIRECTORY = Path.of("/controller");
    private static final int REPLICAS = 3;

    @Test
    void shouldGiveEqualReplicasWhateverTheLogHoldsAndWheneverTheyCrash() {
        int[] accepted = new int[1];
        int[] refused = new int[1];
        Seeds.check(2000, seeds -> {
            Simulation simulation = new Simulation(seeds);
            for (int step = 0; step < 120; step++) {
                simulation.step();
            }
            simulation.settle();
            for (Answer answer : simulation.answers) {
                if (answer != null) {
                    (answer.error.isEmpty() ? accepted : refused)[0]++;
                }
            }
        });
        // the generator must keep reaching both sides
        assertThat(accepted[0]).isGreaterThan(refused[0] / 10).isPositive();
        assertThat(refused[0]).isGreaterThan(accepted[0] / 10).isPositive();
    }

    /** @param command null for an entry of Raft's own */
    private record Logged(long term, @Nullable ByteBuffer command) {}

    private record Answer(String error, String message, ByteBuffer reply) {
        static Answer of(Outcome outcome) {
            return new Answer(
                    outcome.error() == null ? "" : outcome.error().name(), outcome.message(), outcome.reply());
        }
    }

    private static final class Replica {
        FaultyFiles disk;
        ControllerStateMachine machine;
        long logStart;

        Replica(FaultyFiles disk) {
            this.disk = disk;
            this.machine = new ControllerStateMachine(GROUP, DIRECTORY, disk, image -> {});
        }
    }

    private static final class Simulation {
        private final Seeds seeds;
        private final RandomCommands commands;
        private final List<Logged> log = new ArrayList<>();
        private final List<@Nullable Answer> answers = new ArrayList<>();
        private final List<Replica> replicas = new ArrayList<>();
        private long term = 1;

        Simulation(Seeds seeds) throws Exception {
            this.seeds = seeds;
            this.commands = new RandomCommands(seeds.split());
            for (int i = 0; i < REPLICAS; i++) {
                Replica replica = new Replica(new FaultyFiles(seeds.random().nextLong()));
                replica.machine.open(LogTail.EMPTY);
                replicas.add(replica);
            }
        }

        void step() throws Exception {
            Replica replica = seeds.pick(replicas);
            int kind = seeds.between(0, 20);
            if (kind < 12) {
                append(replica.machine.image());
            } else if (kind < 16) {
                catchUp(replica, seeds.between(1, 10));
            } else if (kind == 16) {
                checkpoint(replica);
            } else if (kind == 17) {
                crash(replica);
            } else if (kind == 18) {
                loseDisk(replica);
            } else if (kind == 19) {
                copy(seeds.pick(replicas), replica);
            } else {
                term++;
                log.add(new Logged(term, null));
                answers.add(null);
            }
        }

        private void append(ClusterImage seen) {
            log.add(new Logged(term, commands.next(seen)));
            answers.add(null);
        }

        private void catchUp(Replica replica, int entriesMax) {
            long end = Math.min(log.size(), replica.machine.applied().index() + 1 + entriesMax);
            for (long index = replica.machine.applied().index() + 1; index < end; index++) {
                apply(replica.machine, index);
            }
        }

        private void apply(ControllerStateMachine machine, long index) {
            Logged logged = log.get((int) index);
            LogPosition position = new LogPosition(logged.term, index);
            if (logged.command == null) {
                machine.skip(position);
                return;
            }
            ClusterImage before = machine.image();
            Answer answer = Answer.of(machine.apply(new Entry(logged.term, index, logged.command.asReadOnlyBuffer())));
            Answer first = answers.get((int) index);
            if (first == null) {
                answers.set((int) index, answer);
                check(before, machine.image(), answer.error.isEmpty());
            } else {
                assertThat(answer).isEqualTo(first);
            }
            assertThat(machine.applied()).isEqualTo(position);
        }

        private void checkpoint(Replica replica) throws Exception {
            LogPosition before = replica.machine.checkpointed();
            boolean powerFails = seeds.oneIn(3);
            if (powerFails) {
                replica.disk.powerOffAt(seeds.between(1, 10));
            }
            try {
                assertThat(replica.machine.checkpoint()).isEqualTo(replica.machine.applied());
                if (seeds.oneIn(2)) {
                    replica.logStart = replica.machine.checkpointed().index() + 1;
                }
            } catch (PowerLostException e) {
                assertThat(replica.machine.checkpointed()).isEqualTo(before);
            }
            if (powerFails) {
                crash(replica);
            }
        }

        private void crash(Replica replica) throws Exception {
            LogPosition durable = replica.machine.checkpointed();
            LogPosition applied = replica.machine.applied();
            replica.disk.crash();
            replica.machine = new ControllerStateMachine(GROUP, DIRECTORY, replica.disk, image -> {});
            LogPosition opened = replica.machine.open(new LogTail(replica.logStart, log.size(), List.of()));
            assertThat(opened.index()).isBetween(durable.index(), applied.index());
        }

        private void loseDisk(Replica replica) throws Exception {
            replica.disk = new FaultyFiles(seeds.random().nextLong());
            replica.machine = new ControllerStateMachine(GROUP, DIRECTORY, replica.disk, image -> {});
            replica.logStart = 0;
            replica.machine.open(LogTail.EMPTY);
        }

        private void copy(Replica from, Replica to) throws Exception {
            if (from == to
                    || from.machine.applied().index() < to.machine.applied().index()) {
                return;
            }
            try (SnapshotReader snapshot = from.machine.snapshot(to.machine.held())) {
                LogPosition installed = to.machine.install(snapshot);
                assertThat(installed).isEqualTo(from.machine.applied()).isEqualTo(to.machine.checkpointed());
                to.logStart = installed.index() + 1;
            }
            assertThat(to.machine.encodedImage()).isEqualTo(from.machine.encodedImage());
        }

        /** Everybody applies everything, crashes once more and is still the same. */
        void settle() throws Exception {
            for (Replica replica : replicas) {
                catchUp(replica, log.size());
                replica.machine.checkpoint();
                crash(replica);
                assertThat(replica.machine.applied().index()).isEqualTo(log.size() - 1L);
                assertThat(replica.machine.encodedImage())
                        .isEqualTo(replicas.get(0).machine.encodedImage());
            }
            ClusterImage image = replicas.get(0).machine.image();
            byte[] bytes = ClusterImageCodec.encode(image);
            assertThat(ClusterImageCodec.encode(ClusterImageCodec.decode(ByteBuffer.wrap(bytes))))
                    .isEqualTo(bytes);
        }

        private static void check(ClusterImage before, ClusterImage after, boolean accepted) {
            if (!accepted) {
                assertThat(after).isSameAs(before);
            }
            if (after == before) {
                return;
            }
            assertThat(after.version()).isEqualTo(before.version() + 1);
            assertThat(after.nextProducerId()).isGreaterThanOrEqualTo(before.nextProducerId());
            assertThat(after.lastTimestampMs()).isGreaterThanOrEqualTo(before.lastTimestampMs());
            assertThat(before.clusterId()).isIn("", after.clusterId());
            Set<GroupId> groups = new HashSet<>();
            Set<NodeId> nodes = new HashSet<>(
                    after.brokers().stream().map(BrokerImage::node).toList());
            after.topics().forEach(topic -> checkTopic(after, topic, groups, nodes));
            after.deletedTopics().forEach(deleted -> {
                assertThat(deleted.pending()).isNotEmpty();
                deleted.partitions().forEach(partition -> {
                    assertThat(groups.add(partition.group())).isTrue();
                    assertThat(after.deletedTopicOf(partition.group())).contains(deleted);
                });
            });
            // a topic's replicas never change under it
            for (TopicImage topic : before.topics()) {
                after.topic(topic.id())
                        .ifPresent(now -> assertThat(now.partitions())
                                .startsWith(topic.partitions().toArray(PartitionImage[]::new)));
            }
        }

        private static void checkTopic(ClusterImage image, TopicImage topic, Set<GroupId> groups, Set<NodeId> nodes) {
            assertThat(image.topic(topic.name())).contains(topic);
            assertThat(topic.partitions()).isNotEmpty();
            for (PartitionImage partition : topic.partitions()) {
                assertThat(groups.add(partition.group()))
                        .as("group %s once", partition.group())
                        .isTrue();
                assertThat(partition.replicas()).doesNotHaveDuplicates().isSubsetOf(nodes);
                assertThat(image.group(partition.group()).orElseThrow().partition())
                        .isSameAs(partition);
            }
        }
    }
}
