package io.gq.broker.data;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The data directory of a broker that does not run, and cannot be started before this is closed. */
public final class StoppedDirectory implements Closeable {

    private final Path path;
    private final FileChannel lock;

    private StoppedDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * @throws BrokerException DATA_DIR_IN_USE where a broker runs on it; DATA_DIR_MISMATCH where it is no data directory of gq;
     *     STORAGE_ERROR where it cannot be read
     */
    public static StoppedDirectory lock(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        if (!Files.exists(path.resolve(DataDirectory.LOCK))) {
            throw new BrokerException(
                    ErrorCode.DATA_DIR_MISMATCH,
                    "data_dir: " + path + " (expected: a data directory of gq, with " + DataDirectory.LOCK + ")");
        }
        FileChannel lock = null;
        try {
            lock = FileChannel.open(path.resolve(DataDirectory.LOCK), StandardOpenOption.WRITE);
            DataDirectory.takeLock(lock, path);
            return new StoppedDirectory(path, lock);
        } catch (IOException e) {
            DataDirectory.closeQuietly(lock);
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "data_dir: " + path + ": " + e, e);
        } catch (RuntimeException e) {
            DataDirectory.closeQuietly(lock);
            throw e;
        }
    }

    public Path path() {
        return path;
    }

    /**
     * The cluster it belongs to; empty where it belongs to none yet.
     *
     * @throws BrokerException STORAGE_ERROR where what the directory says of itself is damaged or missing
     */
    public Optional<String> clusterId() {
        try {
            return MetaFile.read(path.resolve(MetaFile.NAME)).clusterId();
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "file: " + path.resolve(MetaFile.NAME) + ": " + e, e);
        }
    }

    @Override
    public void close() {
        DataDirectory.closeQuietly(lock);
    }
}
