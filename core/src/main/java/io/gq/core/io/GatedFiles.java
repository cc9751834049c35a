package io.gq.core.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Files whose syncs pass a gate. */
public final class GatedFiles implements StorageFiles {

    private final StorageFiles files;
    private final SyncGate gate;

    public GatedFiles(StorageFiles files, SyncGate gate) {
        this.files = files;
        this.gate = gate;
    }

    @Override
    public StorageFile open(Path path) throws IOException {
        return new GatedFile(files.open(path), gate);
    }

    @Override
    public StorageFile openUncached(Path path) throws IOException {
        return files.openUncached(path); // only read
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
        gate.pass(() -> files.syncDirectory(directory));
    }

    private record GatedFile(StorageFile file, SyncGate gate) implements StorageFile {
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
            gate.pass(file::force);
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
