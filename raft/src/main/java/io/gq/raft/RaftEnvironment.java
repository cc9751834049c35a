package io.gq.raft;

import io.gq.core.time.Scheduler;
import io.gq.raft.transport.IoThreads;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What a host needs from the process.
 *
 * @param nanoClock monotonic, nanoseconds
 * @param events tells {@link GroupListener} of leaders: short, and not to wait behind what {@code background} runs
 * @param background runs tasks that may block for long (copying snapshots, closing groups), several at a time
 * @param io the event loops of the servers; outlives them
 */
public record RaftEnvironment(
        AddressBook addresses,
        SnapshotFetcher snapshots,
        GroupListener listener,
        InstantSource clock,
        LongSupplier nanoClock,
        Scheduler scheduler,
        Executor events,
        Executor background,
        IoThreads io) {}
