package io.gq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import io.gq.core.BrokerException;
import io.gq.core.ByteSize;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksStateStoreTest {

    private static final GroupId GROUP = new GroupId(UUID.fromString("6f8f0f2a-0000-4000-8000-000000000001"));

    @TempDir
    private Path directory;

    @Test
    void shouldHoldOnlyWhatWasFlushedWhenTheProcessIsKilled() throws IOException {
        try (RocksStateStore store = opened(directory.resolve("live"))) {
            put(store, "a", "1");
            store.flush();
            put(store, "a", "2");
            put(store, "b", "2");

            // what a killed process leaves on the disk
            copy(directory.resolve("live"), directory.resolve("killed-before"));
            store.flush();
            copy(directory.resolve("live"), directory.resolve("killed-after"));
        }

        try (RocksStateStore killedBefore = opened(directory.resolve("killed-before"))) {
            assertThat(get(killedBefore, "a")).isEqualTo("1");
            assertThat(get(killedBefore, "b")).isNull();
        }
        try (RocksStateStore killedAfter = opened(directory.resolve("killed-after"))) {
            assertThat(get(killedAfter, "a")).isEqualTo("2");
            assertThat(get(killedAfter, "b")).isEqualTo("2");
        }
    }

    @Test
    void shouldMakeNothingDurableByClosing() throws IOException {
        try (RocksStateStore store = opened(directory)) {
            put(store, "a", "1");
            store.flush();
            put(store, "b", "1");
        }

        try (RocksStateStore store = opened(directory)) {
            assertThat(get(store, "a")).isEqualTo("1");
            assertThat(get(store, "b")).isNull();
        }
    }

    @Test
    void shouldLoseOnlyTheLastBatchesAndThoseWholeWhenMemoryRanOutBeforeAFlush() throws IOException {
        RocksStateStoreConfig small = new RocksStateStoreConfig(new ByteSize(1 << 20), new ByteSize(1 << 20), 16);
        byte[] value = new byte[4096];
        try (RocksStateStore store = RocksStateStore.open(directory, small, System::nanoTime)) {
            for (int i = 0; i < 2000; i++) {
                store.write(store.batch(GROUP)
                        .put(bytes(String.format("left %05d", i)), value)
                        .put(bytes(String.format("right %05d", i)), value));
            }
        }

        try (RocksStateStore store = RocksStateStore.open(directory, small, System::nanoTime)) {
            List<String> left = new ArrayList<>();
            List<String> right = new ArrayList<>();
            store.scan(GROUP, bytes("left "), (k, v) -> left.add(text(k).substring(5)));
            store.scan(GROUP, bytes("right "), (k, v) -> right.add(text(k).substring(6)));
            assertThat(left).isEqualTo(right).isNotEmpty().hasSizeLessThan(2000);
            assertThat(left.get(left.size() - 1)).isEqualTo(String.format("%05d", left.size() - 1));
        }
    }

    @Test
    void shouldRefuseADirectoryThatIsOpenInThisProcess() throws IOException {
        try (RocksStateStore store = opened(directory)) {
            assertRefused(() -> opened(directory), ErrorCode.DATA_DIR_IN_USE);
            put(store, "a", "1");
            assertThat(get(store, "a")).isEqualTo("1");
        }
    }

    @Test
    void shouldRefuseADirectoryThatIsOpenInAnotherProcess() throws Exception {
        try (RocksStateStore store = opened(directory)) {
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Opener.class.getName(),
                            directory.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).contains(ErrorCode.DATA_DIR_IN_USE.name()).contains(directory.toString());
            put(store, "a", "1");
        }
    }

    /** The other process of the test above. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] args) {
            try {
                opened(Path.of(args[0])).close();
                System.out.println("opened");
            } catch (BrokerException e) {
                System.out.println(e);
            }
        }
    }

    @Test
    void shouldSayStorageErrorWhenThePathIsAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        assertRefused(() -> opened(file), ErrorCode.STORAGE_ERROR);
        assertRefused(() -> opened(file.resolve("below")), ErrorCode.STORAGE_ERROR);
    }

    @Test
    void shouldSayStorageErrorWhenATableIsDamaged() throws IOException {
        try (RocksStateStore store = opened(directory)) {
            for (int i = 0; i < 1000; i++) {
                put(store, "key " + i, "value " + i);
            }
            store.flush();
        }
        for (Path table : tables()) {
            try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
                file.seek(100);
                file.write(new byte[64]);
            }
        }

        assertRefused(
                () -> {
                    try (RocksStateStore store = opened(directory)) {
                        store.scan(GROUP, new byte[0], (key, value) -> {});
                    }
                },
                ErrorCode.STORAGE_ERROR);
        assertRefused(
                () -> {
                    try (RocksStateStore store = opened(directory)) {
                        for (int i = 0; i < 1000; i++) {
                            get(store, "key " + i);
                        }
                    }
                },
                ErrorCode.STORAGE_ERROR);
    }

    /** As after an error of the disk: RocksDB alone refuses every write until it is opened anew. */
    @Test
    void shouldGoOnWithWhatWasDurableWhenTheDiskFailedForAWhile() throws IOException {
        Path home = directory.resolve("state");
        Path away = directory.resolve("away");
        AtomicLong clock = new AtomicLong();
        try (RocksStateStore store = RocksStateStore.open(home, RocksStateStoreConfig.defaults(), clock::get)) {
            store.commit(batch(store, "a", "1"));
            put(store, "b", "unflushed");
            Files.move(home, away);
            assertThatThrownBy(() -> store.commit(batch(store, "c", "1")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("flush: ");
            assertThatThrownBy(() -> store.commit(batch(store, "c", "2")))
                    .as("opened anew, not made anew")
                    .isInstanceOf(IOException.class);
            assertRefused(() -> get(store, "a"), ErrorCode.STORAGE_ERROR);

            try (Stream<Path> left = Files.list(home)) { // a lock and a log
                for (Path file : left.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(home);
            Files.move(away, home);
            assertRefused(() -> get(store, "a"), ErrorCode.STORAGE_ERROR); // tried a moment ago
            clock.addAndGet(RocksStateStore.REOPEN_PAUSE.toNanos());

            assertThat(get(store, "a")).isEqualTo("1");
            assertThat(get(store, "b")).as("nobody flushed it").isNull();
            store.commit(batch(store, "c", "3"));
            store.deleteGroup(new GroupId(new UUID(-1, -1)));
            assertThat(get(store, "c")).isEqualTo("3");
        }
        try (RocksStateStore store = opened(home)) {
            assertThat(get(store, "a")).isEqualTo("1");
            assertThat(get(store, "c")).isEqualTo("3");
        }
    }

    private static StateStore.Batch batch(StateStore store, String key, String value) {
        return store.batch(GROUP).put(bytes(key), bytes(value));
    }

    @Test
    void shouldRefuseCallsAfterClose() throws IOException {
        RocksStateStore store = opened(directory);
        StateStore.Batch batch = store.batch(GROUP).put(bytes("a"), bytes("1"));
        store.close();
        store.close();

        assertRefused(() -> store.get(GROUP, bytes("a")), ErrorCode.SHUTTING_DOWN);
        assertRefused(() -> store.scan(GROUP, bytes("a"), (k, v) -> {}), ErrorCode.SHUTTING_DOWN);
        assertRefused(() -> store.write(batch), ErrorCode.SHUTTING_DOWN);
        assertRefused(store::flush, ErrorCode.SHUTTING_DOWN);
        assertRefused(() -> store.deleteGroup(GROUP), ErrorCode.SHUTTING_DOWN);
    }

    @Test
    void shouldWaitForCallsUnderWayWhenClosed() throws Exception {
        RocksStateStore store = opened(directory);
        put(store, "a", "1");
        CountDownLatch scanning = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        CompletableFuture<String> scanned = CompletableFuture.supplyAsync(() -> {
            store.scan(GROUP, new byte[0], (key, value) -> {
                scanning.countDown();
                await(closing);
            });
            return "whole";
        });
        await(scanning);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
            closing.countDown();
            store.close();
        });

        assertThat(scanned.get(60, TimeUnit.SECONDS)).isEqualTo("whole");
        closed.get(60, TimeUnit.SECONDS);
        assertRefused(() -> store.get(GROUP, bytes("a")), ErrorCode.SHUTTING_DOWN);
    }

    @Test
    void shouldRefuseABatchOfAnotherStore() throws IOException {
        StateStore.Batch foreign = new StateStore.Batch() {
            @Override
            public StateStore.Batch put(byte[] key, byte[] value) {
                return this;
            }

            @Override
            public StateStore.Batch delete(byte[] key) {
                return this;
            }
        };
        try (RocksStateStore store = opened(directory)) {
            assertThatThrownBy(() -> store.write(foreign)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldStayBelowItsMemory() {
        assertThatThrownBy(() -> new RocksStateStoreConfig(new ByteSize(0), new ByteSize(1 << 20), 16))
                .hasMessageContaining("blockCache: 0 (expected: >= 1MB)");
        assertThatThrownBy(() -> new RocksStateStoreConfig(new ByteSize(1 << 20), new ByteSize(1 << 20), 1))
                .hasMessageContaining("openFilesMax: 1 (expected: >= 16)");
        RocksStateStoreConfig config = RocksStateStoreConfig.defaults();
        assertThat(config.blockCache().bytes()).isLessThanOrEqualTo(32 << 20);
        assertThat(config.memtables().bytes()).isLessThan(config.blockCache().bytes());
    }

    static RocksStateStore opened(Path directory) {
        return RocksStateStore.open(directory, RocksStateStoreConfig.defaults(), System::nanoTime);
    }

    private List<Path> tables() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".sst")).toList();
        }
    }

    private static void assertRefused(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .asInstanceOf(throwable(BrokerException.class))
                .extracting(BrokerException::code)
                .isEqualTo(code);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void put(StateStore store, String key, String value) throws IOException {
        store.write(store.batch(GROUP).put(bytes(key), bytes(value)));
    }

    private static @Nullable String get(StateStore store, String key) {
        byte[] value = store.get(GROUP, bytes(key));
        return value == null ? null : text(value);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
