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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WriteQueueTest {

    private final FaultyFiles files = new FaultyFiles(1);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private final WriteQueue queue = new WriteQueue(tasks::add, true);
    private final StorageFile a = file("a");
    private final StorageFile b = file("b");

    @Test
    void shouldSyncEachFileOnceARoundAndTellInOrder() {
        for (int i = 0; i < 5; i++) {
            queue.add(new Write("w" + i, i % 2 == 0 ? a : b));
        }
        assertThat(events).isEmpty();
        long before = files.operations();
        queue.drain();
        assertThat(files.operations() - before).isEqualTo(5 + 2);
        assertThat(events).containsExactly("w0 ok", "w1 ok", "w2 ok", "w3 ok", "w4 ok");
    }

    @Test
    void shouldFailOnlyWhatNeededTheFailedFile() {
        files.failForce(p -> p.endsWith("a"), 1);
        queue.add(new Write("w0", a));
        queue.add(new Write("w1", b));
        queue.add(new Write("w2", a));
        queue.drain();
        assertThat(events).containsExactly("w0 failed", "w1 ok", "w2 failed");
    }

    @Test
    void shouldGoOnAfterAFailedWrite() {
        files.failWrite(1);
        queue.add(new Write("w0", a));
        queue.add(new Write("w1", b));
        queue.drain();
        assertThat(events).containsExactly("w0 failed", "w1 ok");
    }

    @Test
    void shouldTakeWhatComesDuringARoundIntoTheNext() {
        queue.add(new Write("w0", a) {
            @Override
            public void done(@Nullable Exception failure) {
                super.done(failure);
                queue.add(new Write("w1", b));
                throw new IllegalStateException("a bad callback");
            }
        });
        queue.drain();
        assertThat(events).containsExactly("w0 ok", "w1 ok");
    }

    @Test
    void shouldDrainInAnotherThreadOrHereWhereThereIsNone() {
        queue.add(new Write("w0", a));
        queue.drainSoon();
        assertThat(events).isEmpty();
        tasks.remove().run();
        assertThat(events).containsExactly("w0 ok");

        WriteQueue ending = new WriteQueue(
                task -> {
                    throw new RejectedExecutionException("closed");
                },
                true);
        ending.add(new Write("w1", a));
        ending.drainSoon();
        assertThat(events).containsExactly("w0 ok", "w1 ok");
    }

    @Test
    void shouldTellWithoutASyncWhereItSyncsBehind() {
        WriteQueue behind = new WriteQueue(tasks::add, false);
        long before = files.operations();
        behind.add(new Write("w0", a));
        behind.drain();
        assertThat(files.operations() - before).as("one write").isOne();
        assertThat(events).containsExactly("w0 ok");
    }

    @Test
    void shouldTellEachWriteOnceInOrderWhileManyThreadsDrain() throws Exception {
        int writes = 300_000;
        List<Integer> told = new ArrayList<>(); // by one round at a time
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            WriteQueue shared = new WriteQueue(threads, true);
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> drainers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                drainers.add(threads.submit(() -> {
                    while (!done.get()) {
                        shared.drain();
                    }
                }));
            }
            for (int i = 0; i < writes; i++) {
                int number = i;
                shared.add(new WriteQueue.Write() {
                    @Override
                    public void perform(WriteQueue.Syncs syncs) {}

                    @Override
                    public void done(@Nullable Exception failure) {
                        told.add(number);
                    }
                });
                if (i % 3 == 0) {
                    shared.drain();
                }
            }
            done.set(true);
            for (Future<?> drainer : drainers) {
                drainer.get();
            }
            shared.drain();
        } finally {
            threads.shutdownNow();
        }
        assertThat(told).isEqualTo(IntStream.range(0, writes).boxed().toList());
    }

    private StorageFile file(String name) {
        try {
            files.createDirectories(Path.of("/data"));
            return files.open(Path.of("/data", name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private class Write implements WriteQueue.Write {
        private final String name;
        private final StorageFile file;

        Write(String name, StorageFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public void perform(WriteQueue.Syncs syncs) throws IOException {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            syncs.file(file);
        }

        @Override
        public void done(@Nullable Exception failure) {
            events.add(name + (failure == null ? " ok" : " failed"));
        }
    }
}
