package io.gq.raft;

import io.gq.core.time.Scheduler;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What a host needs from the process.
 *
 * @param background runs tasks that may block for long (copying snapshots, closing groups), several at a time
 */
public record RaftEnvironment(
        AddressBook addresses,
        SnapshotFetcher snapshots,
        GroupListener listener,
        InstantSource clock,
        Scheduler scheduler,
        Executor background) {}
