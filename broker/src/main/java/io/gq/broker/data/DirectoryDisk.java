package io.gq.broker.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file store behind a directory. */
final class DirectoryDisk implements DiskGuard.Disk {

    private static final byte[] PROBE = new byte[4096];

    private final Path directory;

    DirectoryDisk(Path directory) {
        this.directory = directory;
    }

    @Override
    public long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public void probe() throws IOException {
        Path file = directory.resolve("gq.probe");
        Files.write(file, PROBE);
        Files.deleteIfExists(file);
    }
}
