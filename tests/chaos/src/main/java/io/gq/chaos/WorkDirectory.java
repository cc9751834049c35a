package io.gq.chaos;

import io.gq.it.cluster.DataFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A directory that runs may empty: one they made themselves. */
final class WorkDirectory {

    private static final String MARK = ".gq-chaos";

    private WorkDirectory() {}

    /**
     * Makes it, or empties it where an earlier run made it.
     *
     * @throws IllegalArgumentException where it holds files of somebody else
     */
    static void empty(Path dir) {
        try {
            Files.createDirectories(dir);
            if (!Files.exists(dir.resolve(MARK)) && !isEmpty(dir)) {
                throw new IllegalArgumentException(
                        dir + " (expected: a directory that is empty, or that an earlier run made)");
            }
            DataFiles.deleteTree(dir);
            Files.createDirectories(dir);
            Files.writeString(dir.resolve(MARK), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEmpty(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.findAny().isEmpty();
        }
    }
}
