package io.gq.controller;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One file that is replaced whole: written beside it under another name, synced, renamed over it, the directory synced. After a crash
 * at any point the old content or the new is there.
 */
final class CheckpointFile {

    private static final String NAME = "image.checkpoint";
    private static final String NEXT = "image.checkpoint.tmp";

    private final StorageFiles files;
    private final Path directory;

    CheckpointFile(StorageFiles files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    /** The content; removes what an unfinished {@link #write} left. */
    Optional<ByteBuffer> read() throws IOException {
        files.createDirectories(directory);
        files.delete(directory.resolve(NEXT));
        Path path = directory.resolve(NAME);
        if (!files.exists(path)) {
            return Optional.empty();
        }
        try (StorageFile file = files.open(path)) {
            long size = file.size();
            if (size > CheckpointFormat.BODY_BYTES_MAX) {
                throw new IOException(
                        path + ": " + size + " bytes (expected: <= " + CheckpointFormat.BODY_BYTES_MAX + ")");
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            file.read(content, 0);
            return Optional.of(content.flip());
        }
    }

    /** Durable when it returns; after a failure the old content stands. */
    void write(ByteBuffer content) throws IOException {
        Path next = directory.resolve(NEXT);
        files.delete(next);
        try (StorageFile file = files.open(next)) {
            file.write(content.duplicate(), 0);
            file.force();
        }
        files.rename(next, directory.resolve(NAME));
        files.syncDirectory(directory);
    }

    Path path() {
        return directory.resolve(NAME);
    }
}
