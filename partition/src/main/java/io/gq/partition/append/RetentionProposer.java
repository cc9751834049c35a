package io.gq.partition.append;

import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.partition.CommandCodec;
import io.gq.partition.PartitionCommand;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionStateMachine;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Proposes to trim what is too old or too much, and to forget silent producers, where this node leads. Called now and then. */
public final class RetentionProposer {

    private final PartitionStateMachine machine;
    private final ReplicatedGroup group;
    private final InstantSource clock;
    private final int commandBytes;
    private final AtomicBoolean inFlight = new AtomicBoolean();

    /**
     * @param commandBytes a trim is drawn out to so many bytes: near the size of a file of the group's log, it begins a new file, so
     *     that the files with the trimmed entries can be purged and their payload can leave the disk however slowly the log grows
     */
    public RetentionProposer(
            PartitionStateMachine machine, ReplicatedGroup group, InstantSource clock, int commandBytes) {
        this.machine = machine;
        this.group = group;
        this.clock = clock;
        this.commandBytes = commandBytes;
    }

    /** Proposes one trim where there is something to trim and none is in flight; the answer is for whoever cares. */
    public Optional<CompletableFuture<Outcome>> run() {
        if (machine.leaderTerm() == PartitionStateMachine.NOT_LEADING) {
            return Optional.empty();
        }
        PartitionConfig config = machine.config();
        long nowMs = clock.millis();
        long producersBeforeMs = nowMs - config.producerExpiryMs();
        OptionalLong start = config.retention()
                .newStartOffset(machine.segments(), machine.logStartOffset(), machine.highWatermark(), nowMs);
        if (start.isEmpty() && !machine.producers().anyBefore(producersBeforeMs)) {
            return Optional.empty();
        }
        if (!inFlight.compareAndSet(false, true)) {
            return Optional.empty();
        }
        return Optional.of(trim(start.orElse(machine.logStartOffset()), producersBeforeMs)
                .whenComplete((outcome, failure) -> inFlight.set(false)));
    }

    /** Proposes that records below the offset go, whatever their age. */
    public CompletableFuture<Outcome> trimTo(long startOffset) {
        return trim(startOffset, Long.MIN_VALUE);
    }

    private CompletableFuture<Outcome> trim(long startOffset, long producersBeforeMs) {
        long timestampMs = Math.max(machine.lastTimestampMs(), clock.millis());
        return group.propose(
                CommandCodec.encodePadded(
                        new PartitionCommand.Trim(timestampMs, startOffset, producersBeforeMs), commandBytes),
                null);
    }
}
