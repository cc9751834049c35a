package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * Raft, for partitions and for the controller group.
 *
 * @param electionTimeoutMin a follower of a partition stands for election after a random silence between this and
 *     {@code electionTimeoutMax}; the leader's heartbeats come every half of it
 * @param controllerElectionTimeoutMin the same for the controller group
 * @param requestTimeout of one Raft call between brokers
 * @param catchUpTimeout how long a new member may go without progress
 * @param snapshotEntries a checkpoint of the state machine lets go of the log before it, taken every so many entries
 * @param logEntriesKept entries kept before the checkpoint, for followers that are a little behind
 * @param logSegmentBytes of a file of the Raft log
 * @param controllerSnapshotEntries as {@code snapshotEntries}, for the controller group
 * @param pendingEntriesMax proposals of one partition that wait for their commit; more are THROTTLED
 * @param pendingBytesMax the same in bytes
 */
public record RaftSettings(
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        Duration controllerElectionTimeoutMin,
        Duration controllerElectionTimeoutMax,
        Duration requestTimeout,
        Duration catchUpTimeout,
        int snapshotEntries,
        int logEntriesKept,
        ByteSize logSegmentBytes,
        int controllerSnapshotEntries,
        int pendingEntriesMax,
        ByteSize pendingBytesMax) {

    public RaftSettings {
        new Checks("raft.")
                .range("election_timeout_min", electionTimeoutMin, "50ms", "5m")
                .range("election_timeout_max", electionTimeoutMax, "50ms", "10m")
                .that(
                        electionTimeoutMin.compareTo(electionTimeoutMax) < 0,
                        "election_timeout_max",
                        Durations.format(electionTimeoutMax),
                        "above raft.election_timeout_min: " + Durations.format(electionTimeoutMin))
                .range("controller_election_timeout_min", controllerElectionTimeoutMin, "50ms", "5m")
                .range("controller_election_timeout_max", controllerElectionTimeoutMax, "50ms", "10m")
                .that(
                        controllerElectionTimeoutMin.compareTo(controllerElectionTimeoutMax) < 0,
                        "controller_election_timeout_max",
                        Durations.format(controllerElectionTimeoutMax),
                        "above raft.controller_election_timeout_min: " + Durations.format(controllerElectionTimeoutMin))
                .range("request_timeout", requestTimeout, "50ms", "10m")
                .range("catch_up_timeout", catchUpTimeout, "1s", "1d")
                .range("snapshot_entries", snapshotEntries, 100, 100_000_000)
                .range("log_entries_kept", logEntriesKept, 0, 100_000_000)
                .range("log_segment_bytes", logSegmentBytes, "64KB", "1GB")
                .range("controller_snapshot_entries", controllerSnapshotEntries, 100, 100_000_000)
                .range("pending_entries_max", pendingEntriesMax, 2, 100_000)
                .range("pending_bytes_max", pendingBytesMax, "2MB", "256MB")
                .done();
    }
}
