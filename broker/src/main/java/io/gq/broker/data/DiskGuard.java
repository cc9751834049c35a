package io.gq.broker.data;

import io.gq.core.time.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the disk, so that appends are refused before it is full and taken again when there is room.
 *
 * <pre>
 *   OK --free &lt; reserve--> FULL --free >= reserve + 10 %--> OK
 *   OK, FULL --probe fails--> UNWRITABLE --probe works--> OK or FULL
 * </pre>
 *
 * <p>{@link #state} may be asked by any thread; listeners are called by the executor, one change after the other.
 */
public final class DiskGuard {

    private static final Logger log = LoggerFactory.getLogger(DiskGuard.class);

    /** What the disk allows. */
    public enum State {
        OK,
        /** Less than the reserve is free: reads only. */
        FULL,
        /** A small file could not be written: reads only. */
        UNWRITABLE
    }

    /** The disk as the guard sees it. */
    public interface Disk {
        /** Bytes the process may still write. */
        long freeBytes() throws IOException;

        /** Writes and deletes a small file. */
        void probe() throws IOException;

        /** The disk that holds a directory. */
        static Disk of(Path directory) {
            return new DirectoryDisk(directory);
        }
    }

    private final Scheduler scheduler;
    private final Executor executor;
    private final Disk disk;
    private final long reserveBytes;
    private final Duration interval;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    private volatile State state = State.OK;
    private volatile long freeBytes = Long.MAX_VALUE;
    private Scheduler.@Nullable Cancellable polling;

    /** @param executor looks at the disk, which may block */
    public DiskGuard(Scheduler scheduler, Executor executor, Disk disk, long reserveBytes, Duration interval) {
        this.scheduler = scheduler;
        this.executor = executor;
        this.disk = disk;
        this.reserveBytes = reserveBytes;
        this.interval = interval;
    }

    /** Looks once, on the calling thread, then again and again. */
    public synchronized void start() {
        check();
        polling = scheduler.every(interval, () -> executor.execute(this::check));
    }

    public synchronized void stop() {
        if (polling != null) {
            polling.cancel();
            polling = null;
        }
    }

    public State state() {
        return state;
    }

    /** True while appends are to be refused with DISK_FULL. */
    public boolean full() {
        return state != State.OK;
    }

    /** Free bytes at the last look. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Name, value and expectation for the refusal of an append; empty while appends are taken. */
    public Optional<String> refusal() {
        State now = state;
        return now == State.OK ? Optional.empty() : Optional.of(describe(now));
    }

    private String describe(State now) {
        return now == State.UNWRITABLE
                ? "disk: not writable (expected: a disk that takes writes)"
                : "disk free: " + freeBytes + " bytes (expected: >= " + reserveBytes + ", storage.disk_reserve_bytes)";
    }

    /** Called after each change of state. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private synchronized void check() {
        State before = state;
        State now = look(before);
        if (now == before) {
            return;
        }
        state = now;
        if (now == State.OK) {
            log.info("disk writable again freeBytes={} reserveBytes={}", freeBytes, reserveBytes);
        } else {
            log.error("disk refuses appends state={} freeBytes={} reserveBytes={}", now, freeBytes, reserveBytes);
        }
        listeners.forEach(Runnable::run);
    }

    private State look(State before) {
        try {
            freeBytes = disk.freeBytes();
            // never below the reserve by the guard's own doing: with less free, writing is not even tried
            if (freeBytes < reserveBytes + (before == State.OK ? 0 : reserveBytes / 10)) {
                return State.FULL;
            }
            disk.probe();
            return State.OK;
        } catch (IOException e) {
            if (before != State.UNWRITABLE) {
                log.error("disk probe failed error={}", e.toString());
            }
            return State.UNWRITABLE;
        }
    }
}
