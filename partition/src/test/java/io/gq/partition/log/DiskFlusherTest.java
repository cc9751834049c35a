package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.io.StorageFile;
import io.gq.testing.FaultyFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DiskFlusherTest {

    private final FaultyFiles files = new FaultyFiles(1);
    private final Queue<Runnable> rounds = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private final DiskFlusher flusher = new DiskFlusher(rounds::add, Runnable::run);
    private final StorageFile a = file("a");
    private final StorageFile b = file("b");

    @Test
    void shouldSyncEachFileOnceARoundAndTellInOrder() {
        for (int i = 0; i < 5; i++) {
            flusher.submit(new Write("w" + i, i % 2 == 0 ? a : b));
        }
        assertThat(rounds).hasSize(1);
        long before = files.operations();
        rounds.remove().run();
        assertThat(files.operations() - before).isEqualTo(5 + 2);
        assertThat(events).containsExactly("w0 ok", "w1 ok", "w2 ok", "w3 ok", "w4 ok");
    }

    @Test
    void shouldFailOnlyWhatNeededTheFailedFile() {
        files.failForce(p -> p.endsWith("a"), 1);
        flusher.submit(new Write("w0", a));
        flusher.submit(new Write("w1", b));
        flusher.submit(new Write("w2", a));
        rounds.remove().run();
        assertThat(events).containsExactly("w0 failed", "w1 ok", "w2 failed");
    }

    @Test
    void shouldGoOnAfterAFailedWrite() {
        files.failWrite(1);
        flusher.submit(new Write("w0", a));
        flusher.submit(new Write("w1", b));
        rounds.remove().run();
        assertThat(events).containsExactly("w0 failed", "w1 ok");
    }

    @Test
    void shouldTakeWhatComesDuringARoundIntoTheNext() {
        flusher.submit(new Write("w0", a) {
            @Override
            public void done(@Nullable Exception failure) {
                super.done(failure);
                flusher.submit(new Write("w1", b));
                throw new IllegalStateException("a bad callback");
            }
        });
        rounds.remove().run();
        assertThat(events).containsExactly("w0 ok", "w1 ok");
        assertThat(rounds).isEmpty();
    }

    @Test
    void shouldFailWritesThatComeAfterItsThreadsAreGone() {
        DiskFlusher closed = new DiskFlusher(
                task -> {
                    throw new RejectedExecutionException("closed");
                },
                Runnable::run);
        closed.submit(new Write("w0", a));
        assertThat(events).containsExactly("w0 failed");
    }

    @Test
    void shouldSyncByItselfWhereNobodyElseWill() {
        DiskFlusher alone = new DiskFlusher(rounds::add, task -> {
            throw new RejectedExecutionException("closed");
        });
        alone.submit(new Write("w0", a));
        alone.submit(new Write("w1", b));
        rounds.remove().run();
        assertThat(events).containsExactly("w0 ok", "w1 ok");
    }

    private StorageFile file(String name) {
        try {
            files.createDirectories(Path.of("/data"));
            return files.open(Path.of("/data", name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private class Write implements DiskFlusher.Write {
        private final String name;
        private final StorageFile file;

        Write(String name, StorageFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public void perform(DiskFlusher.Syncs syncs) throws IOException {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            syncs.file(file);
        }

        @Override
        public void done(@Nullable Exception failure) {
            events.add(name + (failure == null ? " ok" : " failed"));
        }
    }
}
