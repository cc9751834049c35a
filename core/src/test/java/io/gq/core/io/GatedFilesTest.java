package io.gq.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class GatedFilesTest {

    private final SyncGate gate = new SyncGate(1);
    private final StorageFiles files = new GatedFiles(new NioStorageFiles(), gate);

    @TempDir
    Path directory;

    @Test
    @Timeout(20)
    void shouldSyncOnlyWhenTheGateIsFreeAndReadAndWriteAlways() throws Exception {
        try (StorageFile file = files.open(directory.resolve("f"))) {
            gate.enter();
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            ByteBuffer read = ByteBuffer.allocate(3);
            assertThat(file.read(read, 0)).isEqualTo(3);
            assertThat(file.size()).isEqualTo(3);

            CompletableFuture<Void> synced = CompletableFuture.runAsync(() -> force(file));
            assertThatThrownBy(() -> synced.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            gate.leave();

            synced.get(10, TimeUnit.SECONDS);
        }
        gate.enter(); // it was given back
        gate.leave();
        files.syncDirectory(directory);
        assertThat(files.list(directory)).containsExactly(Path.of("f"));
    }

    private static void force(StorageFile file) {
        try {
            file.force();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
