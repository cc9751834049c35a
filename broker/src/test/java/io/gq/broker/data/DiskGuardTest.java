package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskGuardTest {

    private static final long RESERVE = 1000;

    private final FakeDisk disk = new FakeDisk();
    private final List<Runnable> polls = new ArrayList<>();
    private final DiskGuard guard =
            new DiskGuard(new PolledScheduler(), Runnable::run, disk, RESERVE, Duration.ofSeconds(1));

    @Test
    void shouldRefuseBelowTheReserveAndResumeOnlyATenthAboveIt() {
        List<DiskGuard.State> changes = new ArrayList<>();
        guard.onChange(() -> changes.add(guard.state()));
        guard.start();

        assertThat(stateWithFree(1000)).isEqualTo(DiskGuard.State.OK);
        assertThat(stateWithFree(999)).isEqualTo(DiskGuard.State.FULL);
        assertThat(guard.refusal().orElseThrow()).contains("999").contains("1000");
        assertThat(stateWithFree(1099)).isEqualTo(DiskGuard.State.FULL);
        assertThat(stateWithFree(1100)).isEqualTo(DiskGuard.State.OK);
        assertThat(changes).containsExactly(DiskGuard.State.FULL, DiskGuard.State.OK);
    }

    @Test
    void shouldRefuseWhileTheProbeFails() {
        guard.start();
        disk.broken = true;
        assertThat(stateWithFree(5000)).isEqualTo(DiskGuard.State.UNWRITABLE);
        assertThat(guard.full()).isTrue();
        assertThat(guard.refusal().orElseThrow()).contains("not writable");
        disk.broken = false;
        assertThat(stateWithFree(5000)).isEqualTo(DiskGuard.State.OK);
    }

    @Test
    void shouldNotWriteAProbeWhenTheDiskIsFull() {
        disk.free = 10;
        guard.start();
        assertThat(guard.full()).isTrue();
        assertThat(disk.probes).isZero();
    }

    @Test
    void shouldStopLookingWhenStopped() {
        guard.start();
        guard.stop();
        assertThat(polls).isEmpty();
    }

    @Test
    void shouldSeeARealDirectoryAsWritable(@TempDir Path dir) throws IOException {
        DiskGuard.Disk real = DiskGuard.Disk.of(dir);
        real.probe();
        assertThat(real.freeBytes()).isPositive();
        assertThat(dir).isEmptyDirectory();
    }

    private DiskGuard.State stateWithFree(long free) {
        disk.free = free;
        List.copyOf(polls).forEach(Runnable::run);
        return guard.state();
    }

    private static final class FakeDisk implements DiskGuard.Disk {
        private long free = 5000;
        private boolean broken;
        private int probes;

        @Override
        public long freeBytes() {
            return free;
        }

        @Override
        public void probe() throws IOException {
            probes++;
            if (broken) {
                throw new IOException("read-only file system");
            }
        }
    }

    private final class PolledScheduler implements Scheduler {
        @Override
        public Cancellable after(Duration delay, Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Cancellable every(Duration delay, Runnable task) {
            polls.add(task);
            return () -> polls.remove(task);
        }
    }
}
