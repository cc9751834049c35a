package io.gq.cli.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What the drill does to a broker. */
public enum Fault {
    /** SIGKILL. */
    KILL("killed"),
    /** SIGTERM: it hands its leaders over and ends. */
    STOP("stopped"),
    /** SIGSTOP, and SIGCONT after a while: no connection breaks. */
    PAUSE("paused");

    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(60);
    private static final long EXIT_POLL_NS = Duration.ofMillis(1).toNanos();

    private final String done;

    Fault(String done) {
        this.done = done;
    }

    /** As options and reports name it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What became of the broker, in a word. */
    String done() {
        return done;
    }

    /** Begins it; returns once the broker acknowledges nothing more, because it has ended or stands still. */
    void begin(ProcessHandle broker) throws DrillFailure {
        switch (this) {
            case KILL -> {
                broker.destroyForcibly();
                awaitExit(broker);
            }
            case STOP -> {
                broker.destroy();
                awaitExit(broker);
            }
            case PAUSE -> signal(broker, "STOP");
        }
    }

    /**
     * Waits until it is over: a broker was paused for so long and runs on; one that has ended stays so.
     *
     * @param pause of a paused broker
     */
    void end(ProcessHandle broker, Duration pause) throws DrillFailure {
        switch (this) {
            case KILL, STOP -> {}
            case PAUSE -> {
                try {
                    TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    signal(broker, "CONT");
                }
            }
        }
    }

    /** Whether the broker has to be started again afterwards. */
    boolean ends() {
        return this != PAUSE;
    }

    /** Not by {@link ProcessHandle#onExit}, which looks at a process that is no child only every 300 ms. */
    private void awaitExit(ProcessHandle broker) throws DrillFailure {
        long deadline = System.nanoTime() + EXIT_TIMEOUT.toNanos();
        while (broker.isAlive()) {
            if (System.nanoTime() - deadline > 0) {
                throw new DrillFailure("broker " + broker.pid() + ": runs " + EXIT_TIMEOUT + " after it was " + done
                        + " (expected: ended)");
            }
            LockSupport.parkNanos(EXIT_POLL_NS);
        }
    }

    private static void signal(ProcessHandle broker, String name) throws DrillFailure {
        List<String> command = List.of("kill", "-" + name, Long.toString(broker.pid()));
        try {
            int status = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new DrillFailure(command + ": exit code " + status + " (expected: 0)");
            }
        } catch (IOException e) {
            throw new DrillFailure(command + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillFailure("interrupted");
        }
    }
}
