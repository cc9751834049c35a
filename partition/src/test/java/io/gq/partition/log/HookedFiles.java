package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Runs something before files of one kind are synced. */
record HookedFiles(StorageFiles files, String suffix, Runnable beforeForce) implements StorageFiles {

    @Override
    public StorageFile open(Path path) throws IOException {
        StorageFile file = files.open(path);
        return path.toString().endsWith(suffix) ? new Hooked(file, beforeForce) : file;
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

    private record Hooked(StorageFile file, Runnable beforeForce) implements StorageFile {

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
