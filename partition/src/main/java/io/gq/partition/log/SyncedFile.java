package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A file that several threads sync. The system tells of a failed sync once, and what that sync lost stays lost: so whoever comes
 * after the failure is told of it too, and the file is not synced again. Syncs take turns.
 */
final class SyncedFile implements StorageFile {

    private final StorageFile file;
    private final Object syncs = new Object();
    private @Nullable IOException failure;

    SyncedFile(StorageFile file) {
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
        synchronized (syncs) {
            if (failure != null) {
                throw new IOException("an earlier sync failed: " + failure.getMessage(), failure);
            }
            try {
                file.force();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
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
