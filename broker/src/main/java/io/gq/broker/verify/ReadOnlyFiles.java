package io.gq.broker.verify;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Files that are looked at only: what would change them does nothing. */
record ReadOnlyFiles(StorageFiles files) implements StorageFiles {

    @Override
    public StorageFile open(Path path) throws IOException {
        return files.openUncached(path);
    }

    @Override
    public StorageFile openUncached(Path path) throws IOException {
        return files.openUncached(path);
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
    public void createDirectories(Path directory) {}

    @Override
    public void delete(Path path) {}

    @Override
    public void rename(Path from, Path to) {}

    @Override
    public void syncDirectory(Path directory) {}
}
