package io.gq.core.io;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file system. Safe for use by many threads. */
public interface StorageFiles {

    /** Opens a file for reading and writing, creating it empty where it does not exist. */
    StorageFile open(Path path) throws IOException;

    /**
     * Opens a file that exists, only to read it, as it lies on the disk: past the page cache, where the file system lets one, so that
     * nothing readers need is pushed out and rot under cached pages is seen. Made for large reads by one thread.
     */
    default StorageFile openUncached(Path path) throws IOException {
        if (!exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return open(path);
    }

    boolean exists(Path path);

    /** File names (last parts, not whole paths) in a directory, sorted; empty where it does not exist. */
    List<Path> list(Path directory) throws IOException;

    /** Makes a directory and those above it, durably; does nothing where it exists. */
    void createDirectories(Path directory) throws IOException;

    /** Deletes a file or an empty directory; does nothing where it does not exist. */
    void delete(Path path) throws IOException;

    /** Replaces {@code to} by {@code from} atomically. Durable after {@link #syncDirectory}. */
    void rename(Path from, Path to) throws IOException;

    /** Makes creations, deletions and renames in the directory durable. */
    void syncDirectory(Path directory) throws IOException;
}
