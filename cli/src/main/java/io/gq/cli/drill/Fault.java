package io.gq.cli.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the drill does to a broker. */
public enum Fault {
    /** SIGKILL. */
    KILL("killed"),
    /** SIGTERM: it hands its leaders over and ends. */
    STOP("stopped"),
    /** SIGSTOP, and SIGCONT after a while: no connection breaks. */
    PAUSE("paused");

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

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

    /** Begins it; returns at once. */
    void begin(ProcessHandle broker) throws DrillFailure {
        switch (this) {
            case KILL -> broker.destroyForcibly();
            case STOP -> broker.destroy();
            case PAUSE -> signal(broker, "STOP");
        }
    }

    /**
     * Waits until it is over: the broker has ended, or was paused for so long and runs on.
     *
     * @param pause of a paused broker
     */
    void end(ProcessHandle broker, Duration pause) throws DrillFailure {
        switch (this) {
            case KILL -> {}
            case STOP -> awaitExit(broker);
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

    private static void awaitExit(ProcessHandle broker) throws DrillFailure {
        try {
            broker.onExit().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new DrillFailure(
                    "broker " + broker.pid() + ": runs " + STOP_TIMEOUT + " after SIGTERM (expected: ended)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillFailure("interrupted");
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
