package io.gq.store;

import io.gq.core.store.StateStore;
import io.gq.testing.StateStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The same contract the in-memory store of the tests keeps. */
class RocksStateStoreContractTest extends StateStoreContract {

    @TempDir
    private Path directory;

    @Override
    protected StateStore open() {
        return RocksStateStoreTest.opened(directory);
    }

    @Override
    protected StateStore reopen(StateStore closing) throws IOException {
        closing.close();
        return open();
    }
}
