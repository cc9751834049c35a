package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.FaultyFiles;
import io.gq.testing.ManualScheduler;
import io.gq.testing.SyncCount;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A log whose writes are told before they are synced. */
final class SyncBehindTest {

    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final FaultyFiles disk = new FaultyFiles(7);
    private final SyncCount files = new SyncCount(disk, path -> path.toString().endsWith(".log"));
    private final ManualScheduler scheduler = new ManualScheduler();
    private LogHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = new LogHarness(files, LogHarness.DIRECTORY);
        harness.log.close();
        harness.flusher = DiskFlusher.syncingBehind(Runnable::run, scheduler, INTERVAL);
        harness.open();
    }

    @Test
    void shouldTellWritesAtOnceAndSyncThemOnceAWhileLater() {
        harness.append(1);
        harness.append(2);
        harness.append(3);

        assertThat(harness.readAll(10)).containsExactly(0L, 1L, 2L);
        assertThat(files.forces()).isZero();
        scheduler.advance(INTERVAL);
        assertThat(files.forces()).as("three writes, one file").isOne();
        scheduler.advance(INTERVAL.multipliedBy(10));
        assertThat(files.forces()).as("nothing new").isOne();
        harness.append(4);
        scheduler.advance(INTERVAL);
        assertThat(files.forces()).isEqualTo(2);
    }

    @Test
    void shouldSyncEverySegmentThatWasRolledMeanwhile() {
        harness.appendMany(40);
        int segments = harness.log.infos().size();

        scheduler.advance(INTERVAL);

        assertThat(segments).isGreaterThan(2);
        assertThat(files.forces()).isEqualTo(segments);
    }

    @Test
    void shouldSyncWhatACheckpointNamesBeforeItReturns() throws Exception {
        harness.appendMany(40);
        harness.checkpoint();
        int forces = files.forces();
        scheduler.advance(INTERVAL);

        assertThat(files.forces()).as("all was synced").isEqualTo(forces).isPositive();
        disk.crash();
        harness.open();
        assertThat(harness.readAll(100)).hasSize(40);
    }

    @Test
    void shouldStopWhenASyncFailsThatNobodyWaitsForAndNeverSyncAgain() {
        harness.append(1);
        disk.failForce(1);

        scheduler.advance(INTERVAL);

        assertThat(harness.failures).isOne();
        assertThat(harness.write(2)).isCompletedExceptionally();
        scheduler.advance(INTERVAL);
        assertThat(disk.forcesAfterFailure()).isZero();
    }

    @Test
    void shouldLeaveFilesAloneThatWereDeletedOrClosedMeanwhile() throws Exception {
        harness.appendMany(40);
        harness.checkpoint();
        harness.append(1_000);
        harness.log.trim(35);
        harness.checkpoint();
        harness.log.purged(harness.nextIndex);
        harness.append(1_001);

        scheduler.advance(INTERVAL);
        assertThat(harness.failure).isNull();
        harness.append(1_002);
        harness.log.close();
        scheduler.advance(INTERVAL);
        assertThat(harness.failure).isNull();
    }
}
