package io.gq.cli.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The broker processes that the start script left word of: {@code node-N.pid} holds the process id of node N. */
final class BrokerPids {

    private static final String MAIN_CLASS = "io.gq.broker.Main";

    private final Path dir;

    BrokerPids(Path dir) {
        this.dir = dir;
    }

    /**
     * The running process of a node. Empty where it does not run, or where the process of that number is something else.
     *
     * @throws IllegalStateException where the file holds no number
     */
    Optional<ProcessHandle> running(int node) {
        Path file = dir.resolve("node-" + node + ".pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text;
        try {
            text = Files.readString(file).trim();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return ProcessHandle.of(Long.parseLong(text))
                    .filter(ProcessHandle::isAlive)
                    .filter(BrokerPids::isBroker);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(file + ": '" + text + "' (expected: a process id)", e);
        }
    }

    /** Numbers are given again by the system: never kill what is no broker. */
    private static boolean isBroker(ProcessHandle process) {
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        if (Files.isReadable(commandLine)) {
            try {
                return Files.readString(commandLine).contains(MAIN_CLASS);
            } catch (IOException e) {
                return false; // it has just ended
            }
        }
        return process.info()
                .commandLine()
                .map(line -> line.contains(MAIN_CLASS))
                .orElse(false);
    }
}
