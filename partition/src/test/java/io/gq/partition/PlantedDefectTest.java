package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.replication.Leadership;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.partition.log.StoredEntry;
import io.gq.testing.SimulatedGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The simulation must find the defects it is there for. */
class PlantedDefectTest {

    private static final int SEEDS = 60;
    private static final int STEPS = 1500;

    @Test
    void shouldFindAcknowledgementBeforeSync() {
        assertFound(
                () -> new Planted() {
                    @Override
                    StateMachine plant(PartitionStateMachine partition) {
                        return new ForwardingStateMachine(partition) {
                            @Override
                            public PayloadStore payloads() {
                                return new HastyPayloads(partition.payloads());
                            }
                        };
                    }
                },
                "condemned|differs at index");
    }

    @Test
    void shouldFindProducersMissingFromSnapshot() {
        assertFound(
                () -> new Planted() {
                    @Override
                    StateMachine plant(PartitionStateMachine partition) {
                        return new ForwardingStateMachine(partition) {
                            @Override
                            public SnapshotReader snapshot(ByteBuffer held) throws IOException {
                                return new PlantedBugs.WithoutProducers(partition.snapshot(held));
                            }
                        };
                    }
                },
                "differs at index");
    }

    @Test
    void shouldFindOffsetsUsedAgainAfterLeaderChange() {
        assertFound(HastyLeaders::new, "invariant broken");
    }

    private static void assertFound(Supplier<SimulatedGroup.Workload> workload, String message) {
        assertThatThrownBy(() -> {
                    for (int seed = 0; seed < SEEDS; seed++) {
                        new SimulatedGroup(seed, 3, workload.get()).run(STEPS);
                    }
                })
                .isInstanceOf(SimulatedGroup.Failure.class)
                .hasMessageMatching("(?s)seed \\d+: .*(" + message + ").*");
    }

    private abstract static class Planted extends PartitionWorkload {

        abstract StateMachine plant(PartitionStateMachine partition);

        @Override
        public StateMachine create(int replica, SimulatedGroup.Disk disk) {
            return plant((PartitionStateMachine) super.create(replica, disk));
        }

        @Override
        PartitionStateMachine partition(StateMachine machine) {
            return ((ForwardingStateMachine) machine).partition;
        }
    }

    /** Says that a payload is durable when it has merely been taken. */
    private static final class HastyPayloads extends ForwardingPayloads {
        HastyPayloads(PayloadStore payloads) {
            super(payloads);
        }

        @Override
        public CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload) {
            var unused = super.write(term, index, command, payload);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Leaders that give offsets from the applied state on before what earlier leaders left in the log is applied. */
    private static final class HastyLeaders extends Planted {

        private final Map<Integer, ReplicatedGroup> groups = new HashMap<>();
        private final Map<Integer, PartitionStateMachine> machines = new HashMap<>();
        private final Map<Integer, long[]> termAndOffset = new HashMap<>();

        @Override
        StateMachine plant(PartitionStateMachine partition) {
            return new ForwardingStateMachine(partition) {
                @Override
                public @Nullable String verify(long term, ByteBuffer command) {
                    return null;
                }
            };
        }

        @Override
        public void opened(int replica, StateMachine machine, ReplicatedGroup group) {
            groups.put(replica, group);
            machines.put(replica, partition(machine));
        }

        @Override
        public void crashed(int replica) {
            groups.remove(replica);
            termAndOffset.remove(replica);
        }

        @Override
        public void act(RandomGenerator random) {
            groups.forEach((replica, group) -> {
                Leadership leadership = group.leadership();
                if (leadership.role() == Leadership.Role.LEADER) {
                    long[] mine = termAndOffset.computeIfAbsent(replica, r -> new long[] {-1, 0});
                    if (mine[0] != leadership.term()) {
                        mine[0] = leadership.term();
                        mine[1] = machines.get(replica).appliedOffset();
                    }
                    mine[1] = propose(group, leadership.term(), mine[1]);
                }
            });
        }

        private static long propose(ReplicatedGroup group, long term, long offset) {
            ByteBuffer batch = batch(1, 1, -1, 0);
            batch.putLong(0, offset).putInt(12, (int) term);
            CRC32C crc = new CRC32C();
            crc.update(batch.duplicate());
            io.gq.core.record.RecordBatch header = io.gq.core.record.RecordBatch.at(batch, 0);
            var append = new PartitionCommand.Append(
                    1,
                    term,
                    offset,
                    offset + 1,
                    batch.remaining(),
                    (int) crc.getValue(),
                    10,
                    List.of(BatchDescriptor.of(header)));
            StoredEntry stored = append.stored(term, 0);
            return group.propose(CommandCodec.encode(append), batch).isCompletedExceptionally()
                    ? offset
                    : stored.endOffset();
        }
    }
}
