package io.gq.cli.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The broker processes that the start script left word of: {@code run/broker<n>.pid} holds "pid start-time" of node n. Numbers are
 * given again by the system, so a process is ours only where its start time is the same and it runs a broker.
 */
final class BrokerPids {

    private static final String MAIN_CLASS = "io.gq.broker.Main";
    private static final Path PROC = Path.of("/proc");
    /** Of the fields after the command's name in {@code /proc/<pid>/stat}. */
    private static final int START_TIME_FIELD = 19;

    private final Path dir;

    BrokerPids(Path dir) {
        this.dir = dir;
    }

    /** Where the start script writes the number of a node. */
    Path file(int node) {
        return dir.resolve("run").resolve("broker" + node + ".pid");
    }

    /**
     * The running process of a node; empty where it does not run.
     *
     * @throws IllegalStateException where the file holds no number
     */
    Optional<ProcessHandle> running(int node) {
        Path file = file(node);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String[] words = read(file).trim().split("\\s+", -1);
        try {
            return ProcessHandle.of(Long.parseLong(words[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> words.length < 2 || startedAt(process, words[1]))
                    .filter(BrokerPids::isBroker);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(file + ": '" + words[0] + "' (expected: a process id)", e);
        }
    }

    private static boolean startedAt(ProcessHandle process, String startTime) {
        Path stat = PROC.resolve(Long.toString(process.pid())).resolve("stat");
        if (!Files.isReadable(stat)) {
            return true; // another system: the command line decides
        }
        String text = read(stat);
        String[] fields = text.substring(text.lastIndexOf(')') + 1).trim().split("\\s+", -1);
        return fields.length > START_TIME_FIELD && fields[START_TIME_FIELD].equals(startTime);
    }

    private static boolean isBroker(ProcessHandle process) {
        Path commandLine = PROC.resolve(Long.toString(process.pid())).resolve("cmdline");
        return Files.isReadable(commandLine)
                ? read(commandLine).contains(MAIN_CLASS)
                : process.info()
                        .commandLine()
                        .map(line -> line.contains(MAIN_CLASS))
                        .orElse(false);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return ""; // the process has just ended
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
