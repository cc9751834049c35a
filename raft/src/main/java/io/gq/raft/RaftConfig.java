package io.gq.raft;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Read;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Settings of a Raft server. Start from {@link #partitions} or {@link #controller}.
 *
 * @param electionTimeoutMin a follower that hears nothing from a leader stands for election after a time drawn between this and
 *     {@code electionTimeoutMax}; heartbeats are sent at half of it
 * @param firstElectionTimeoutMin the same for a replica that has not known a leader since it was opened; small, so that a new group
 *     elects at once
 * @param requestTimeout how long a vote or an append may take before it is sent again
 * @param entryBytesMax command and payload of one entry together
 * @param segmentBytes size of a file of the Raft log (headers, and payload of small entries). Payload can leave the disk only when the file that holds its
 *     header was purged, so this is small
 * @param checkpointEntries entries applied between two checkpoints: what a replica reads and applies again when it is opened, at most, so
 *     this bounds how long a broker takes to come back
 * @param laggingEntriesMax entries kept beyond the checkpoint for a member that has not got them yet; a member further behind gets a
 *     snapshot
 * @param pendingEntriesMax proposals of one group that wait for their outcome; more are refused as THROTTLED
 * @param pendingBytesMax the same in bytes
 * @param stagingTimeout how long a new member may be silent before its admission is given up
 * @param stagingGapEntries a new member is promoted when it is no further behind than this
 * @param commitEntries write the commit index into the log, so that a restarted replica knows it without a leader
 * @param syncedLog entries are acknowledged when they are synced; else when they are written, and the sync follows. Term and vote are
 *     synced in any case
 * @param headerBytesMax the largest command: an entry without the payload that lies beside the log. Each group has a buffer of this size outside the heap
 */
public record RaftConfig(
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        Duration firstElectionTimeoutMin,
        Duration firstElectionTimeoutMax,
        Duration requestTimeout,
        int entryBytesMax,
        int segmentBytes,
        int checkpointEntries,
        int laggingEntriesMax,
        int pendingEntriesMax,
        int pendingBytesMax,
        Duration stagingTimeout,
        int stagingGapEntries,
        boolean commitEntries,
        boolean syncedLog,
        int headerBytesMax) {

    private static final int ENTRY_MARGIN_BYTES = 64 << 10;
    private static final int MESSAGE_BYTES_MAX = 64 << 20;

    public RaftConfig {
        ordered("electionTimeout", electionTimeoutMin, electionTimeoutMax);
        ordered("firstElectionTimeout", firstElectionTimeoutMin, firstElectionTimeoutMax);
        atLeast("requestTimeoutMs", requestTimeout.toMillis(), 10);
        atLeast("entryBytesMax", entryBytesMax, 1024);
        if (entryBytesMax > MESSAGE_BYTES_MAX / 2) {
            throw new IllegalArgumentException(
                    "entryBytesMax: " + entryBytesMax + " (expected: <= " + MESSAGE_BYTES_MAX / 2 + ")");
        }
        atLeast("segmentBytes", segmentBytes, 1024);
        atLeast("checkpointEntries", checkpointEntries, 1);
        atLeast("laggingEntriesMax", laggingEntriesMax, 0);
        atLeast("pendingEntriesMax", pendingEntriesMax, 1);
        atLeast("pendingBytesMax", pendingBytesMax, entryBytesMax);
        atLeast("stagingTimeoutMs", stagingTimeout.toMillis(), 1);
        atLeast("stagingGapEntries", stagingGapEntries, 1);
        atLeast("headerBytesMax", headerBytesMax, 1024);
    }

    /** Defaults for the server of the partitions. */
    public static RaftConfig partitions() {
        return new RaftConfig(
                Duration.ofMillis(1000),
                Duration.ofMillis(2000),
                Duration.ofMillis(150),
                Duration.ofMillis(900),
                Duration.ofSeconds(1),
                (2 << 20) - ENTRY_MARGIN_BYTES,
                64 << 10,
                2_000,
                20_000,
                1024,
                32 << 20,
                Duration.ofSeconds(30),
                1000,
                false,
                true,
                256 << 10);
    }

    /** Defaults for the server of the controller group. */
    public static RaftConfig controller() {
        return new RaftConfig(
                Duration.ofMillis(1000),
                Duration.ofMillis(2000),
                Duration.ofMillis(150),
                Duration.ofMillis(900),
                Duration.ofSeconds(1),
                (2 << 20) - ENTRY_MARGIN_BYTES,
                1 << 20,
                2_000,
                10_000,
                4096,
                32 << 20,
                Duration.ofSeconds(30),
                1000,
                true,
                true,
                (2 << 20) - ENTRY_MARGIN_BYTES);
    }

    /** Acknowledged means written by a majority, not yet synced: for groups that rejoin when their machine may have forgotten. */
    public RaftConfig withoutSyncedLog() {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                requestTimeout,
                entryBytesMax,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                false,
                headerBytesMax);
    }

    public RaftConfig withElectionTimeout(Duration min, Duration max) {
        return new RaftConfig(
                min,
                max,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                requestTimeout,
                entryBytesMax,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    public RaftConfig withFirstElectionTimeout(Duration min, Duration max) {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                min,
                max,
                requestTimeout,
                entryBytesMax,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    public RaftConfig withEntryBytesMax(int bytes) {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                requestTimeout,
                bytes,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    /** Sizes of the Raft log: how soon it rolls, is checkpointed and forgets. */
    public RaftConfig withLog(int newSegmentBytes, int newCheckpointEntries, int newLaggingEntriesMax) {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                requestTimeout,
                entryBytesMax,
                newSegmentBytes,
                newCheckpointEntries,
                newLaggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    /** How long calls between members, and the catching up of a new one, may take. */
    public RaftConfig withTimeouts(Duration newRequestTimeout, Duration newStagingTimeout) {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                newRequestTimeout,
                entryBytesMax,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                pendingEntriesMax,
                pendingBytesMax,
                newStagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    public RaftConfig withPending(int entriesMax, int bytesMax) {
        return new RaftConfig(
                electionTimeoutMin,
                electionTimeoutMax,
                firstElectionTimeoutMin,
                firstElectionTimeoutMax,
                requestTimeout,
                entryBytesMax,
                segmentBytes,
                checkpointEntries,
                laggingEntriesMax,
                entriesMax,
                bytesMax,
                stagingTimeout,
                stagingGapEntries,
                commitEntries,
                syncedLog,
                headerBytesMax);
    }

    /** The one place where settings become Ratis' properties. */
    RaftProperties properties() {
        RaftProperties p = new LogBufferProperties();
        p.set(RaftConfigKeys.Rpc.TYPE_KEY, PeerRpcType.class.getName());
        elections(p);
        log(p);

        // One thread a group: it completes appends, and asks another replica to stand; no task of it waits for another.
        // Without a limit
        // there is one more after each burst, and hundreds of threads take long to die with their process.
        RaftServerConfigKeys.ThreadPool.setServerSize(p, 1);
        RaftServerConfigKeys.setCloseThreshold(p, time(Duration.ofMinutes(10)));
        RaftServerConfigKeys.setStagingTimeout(p, time(stagingTimeout));
        RaftServerConfigKeys.setStagingCatchupGap(p, stagingGapEntries);
        // Each proposal that StateMachine.verify refuses costs Ratis one of these for the rest of the term: RatisGroup
        // counts by itself.
        RaftServerConfigKeys.Write.setElementLimit(p, Integer.MAX_VALUE / 2);
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf(1L << 50));
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, time(Duration.ofSeconds(2)));
        // Neither fetches nor read barriers pass through Ratis' read requests; see ReadRounds.
        Read.setLeaderLeaseEnabled(p, false);
        return p;
    }

    private void elections(RaftProperties p) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, time(electionTimeoutMin));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, time(electionTimeoutMax));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, time(firstElectionTimeoutMin));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, time(firstElectionTimeoutMax));
        RaftServerConfigKeys.Rpc.setRequestTimeout(p, time(requestTimeout));
        RaftServerConfigKeys.Rpc.setSlownessTimeout(p, time(Duration.ofSeconds(10)));
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, time(Duration.ofSeconds(1)));
        RaftServerConfigKeys.LeaderElection.setPreVote(p, true);
    }

    private void log(RaftProperties p) {
        SizeInBytes appendBytes = SizeInBytes.valueOf(entryBytesMax + ENTRY_MARGIN_BYTES);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, appendBytes);
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(p, false);
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(headerBytesMax + ENTRY_MARGIN_BYTES));
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf(segmentBytes));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf(Math.min(segmentBytes, 64 << 10)));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf(4 << 20));
        // When this queue is full an append waits under the group's lock: it has to hold all that may be pending.
        RaftServerConfigKeys.Log.setQueueElementLimit(p, 4 * Math.max(1024, pendingEntriesMax));
        RaftServerConfigKeys.Log.setQueueByteLimit(p, SizeInBytes.valueOf(256 << 20));
        RaftServerConfigKeys.Log.setForceSyncNum(p, 1024);
        // Written in order before it counts as flushed, synced by a thread of the group's after it; see
        // docs/design/0007-durability-replicated.md.
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(p, !syncedLog);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(p, false);
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, commitEntries);
        RaftServerConfigKeys.Log.setReadLockEnabled(p, false);
        // Safe behind AppendGate only; see docs/design/0002-ratis-gate-and-findings.md.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(p, false);
        RaftServerConfigKeys.Log.setCorruptionPolicy(p, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
        RaftServerConfigKeys.Log.StateMachineData.setCachingEnabled(p, true);
        // The log's thread waits for a payload before it takes its header, and writes it meanwhile; see PayloadData.
        RaftServerConfigKeys.Log.StateMachineData.setSync(p, true);
        RaftServerConfigKeys.Log.setPurgeGap(p, 1);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, false);
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(p, 0);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(p, checkpointEntries);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 1);
    }

    private static TimeDuration time(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void ordered(String name, Duration min, Duration max) {
        for (Duration duration : List.of(min, max)) {
            atLeast(name + "Ms", duration.toMillis(), 1);
        }
        if (min.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    name + "Min: " + min.toMillis() + " ms (expected: <= " + name + "Max " + max.toMillis() + " ms)");
        }
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
