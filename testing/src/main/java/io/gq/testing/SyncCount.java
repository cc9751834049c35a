package io.gq.testing;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Counts how often files are forced, and runs something before each time where that is asked for. Safe for use by many threads. */
public final class SyncCount implements StorageFiles {

    private final StorageFiles files;
    private final Predicate<Path> counted;
    private final Runnable beforeForce;
    private final AtomicInteger forces = new AtomicInteger();

    public SyncCount(StorageFiles files, Predicate<Path> counted) {
        this(files, counted, () -> {});
    }

    /** @param beforeForce runs in the forcing thread, before a file that is counted is forced */
    public SyncCount(StorageFiles files, Predicate<Path> counted, Runnable beforeForce) {
        this.files = files;
        this.counted = counted;
        this.beforeForce = beforeForce;
    }

    /** Forces of the files counted, so far. */
    public int forces() {
        return forces.get();
    }

    @Override
    public StorageFile open(Path path) throws IOException {
        StorageFile file = files.open(path);
        return counted.test(path) ? new CountedFile(file) : file;
    }

    @Override
    public boolean exists(Path path) {
        return files.exists(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        files.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        files.delete(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        files.syncDirectory(directory);
    }

    private final class CountedFile implements StorageFile {

        private final StorageFile file;

        CountedFile(StorageFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            return file.read(dst, position);
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            file.write(src, position);
        }

        @Override
        public void force() throws IOException {
            forces.incrementAndGet();
            beforeForce.run();
            file.force();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
