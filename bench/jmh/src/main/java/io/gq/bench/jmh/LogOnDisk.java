package io.gq.bench.jmh;

import io.gq.core.io.NioStorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.partition.log.DiskFlusher;
import io.gq.partition.log.LogCheckpoint;
import io.gq.partition.log.LogConfig;
import io.gq.partition.log.LogListener;
import io.gq.partition.log.SegmentedLog;
import io.gq.partition.log.StoredEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A log in a directory of its own, written in the caller's thread and deleted when closed. */
final class LogOnDisk implements AutoCloseable {

    private static final LogConfig CONFIG = new LogConfig(256L << 20, 7L * 24 * 3600 * 1000, 4 << 20, 8L << 20, true);
    private static final long TERM = 1;

    private final Path directory;
    private final SegmentedLog log;
    private long nextIndex;
    private long nextOffset;

    /** @param parent where the directory is made */
    LogOnDisk(Path parent) throws IOException, DamagedReplicaException {
        directory = Files.createTempDirectory(parent.toAbsolutePath(), "jmh-log");
        log = SegmentedLog.open(
                directory,
                new NioStorageFiles(),
                new DiskFlusher(Runnable::run),
                new Listener(),
                CONFIG,
                LogCheckpoint.NONE,
                List.of(),
                0);
    }

    /** Writes and commits an entry. */
    void append(ByteBuffer payload, int records, int crc) {
        StoredEntry entry =
                new StoredEntry(TERM, nextIndex++, 0, nextOffset, nextOffset + records, payload.remaining(), crc, 0);
        CompletableFuture<Void> written = log.write(entry, payload);
        CompletableFuture<Void> unused = log.flush(entry.index());
        written.join();
        nextOffset += records;
        log.commit(entry.index(), nextOffset);
    }

    SegmentedLog log() {
        return log;
    }

    long nextOffset() {
        return nextOffset;
    }

    static int crc(ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        log.close();
        deleteTree(directory);
    }

    static void deleteTree(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static final class Listener implements LogListener {
        @Override
        public void highWatermark(long offset) {}

        @Override
        public void failed(Exception cause) {
            throw new IllegalStateException(cause);
        }

        @Override
        public void damaged(String what) {
            throw new IllegalStateException(what);
        }
    }
}
