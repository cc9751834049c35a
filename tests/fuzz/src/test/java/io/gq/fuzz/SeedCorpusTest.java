package io.gq.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.broker.config.ConfigFuzzTest;
import io.gq.broker.data.DataFilesFuzzTest;
import io.gq.client.consumer.ChunkFuzzTest;
import io.gq.controller.ControllerFuzzTest;
import io.gq.core.record.RecordBatchFuzzTest;
import io.gq.partition.CommandCodecFuzzTest;
import io.gq.partition.SnapshotFuzzTest;
import io.gq.partition.log.LogRecoveryFuzzTest;
import io.gq.raft.RaftFilesFuzzTest;
import io.gq.raft.transport.FrameFuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each target is replayed with the files of its folder: what {@code seeds()} of its class gives, and inputs that once found something.
 * {@code -Dgq.fuzz.rewrite} writes the former anew.
 */
class SeedCorpusTest {

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final int TARGET_BYTES_MAX = 16 << 10;

    private static final Map<Class<?>, Map<String, byte[]>> SEEDS = Map.of(
            RecordBatchFuzzTest.class, RecordBatchFuzzTest.seeds(),
            CommandCodecFuzzTest.class, CommandCodecFuzzTest.seeds(),
            SnapshotFuzzTest.class, SnapshotFuzzTest.seeds(),
            LogRecoveryFuzzTest.class, LogRecoveryFuzzTest.seeds(),
            ControllerFuzzTest.class, ControllerFuzzTest.seeds(),
            RaftFilesFuzzTest.class, RaftFilesFuzzTest.seeds(),
            FrameFuzzTest.class, FrameFuzzTest.seeds(),
            ConfigFuzzTest.class, ConfigFuzzTest.seeds(),
            DataFilesFuzzTest.class, DataFilesFuzzTest.seeds(),
            ChunkFuzzTest.class, ChunkFuzzTest.seeds());

    /** Bytes of compressed seeds depend on the library's version: they are kept as they are. */
    @Test
    void shouldHoldSeedsOfEveryTarget() throws IOException {
        boolean rewrite = Boolean.getBoolean("gq.fuzz.rewrite");
        Map<String, String> missing = new TreeMap<>();
        for (Map.Entry<Class<?>, Map<String, byte[]>> target : SEEDS.entrySet()) {
            Path folder = RESOURCES.resolve(target.getKey().getName().replace('.', '/') + "Inputs");
            for (Map.Entry<String, byte[]> seed : target.getValue().entrySet()) {
                Path file = folder.resolve(seed.getKey());
                if (rewrite) {
                    Files.createDirectories(file.getParent());
                    Files.write(file, seed.getValue());
                } else if (!Files.exists(file)) {
                    missing.put(file.toString(), "missing");
                } else if (!isCompressed(file) && !Arrays.equals(Files.readAllBytes(file), seed.getValue())) {
                    missing.put(file.toString(), "not what seeds() gives");
                }
            }
        }
        assertThat(missing).as("-Dgq.fuzz.rewrite=true writes them").isEmpty();
    }

    @Test
    void shouldHoldLittleForEveryTarget() throws IOException {
        for (Class<?> type : SEEDS.keySet()) {
            Path inputs = RESOURCES.resolve(type.getName().replace('.', '/') + "Inputs");
            for (var method : type.getDeclaredMethods()) {
                if (method.isAnnotationPresent(FuzzTest.class)) {
                    Path folder = inputs.resolve(method.getName());
                    assertThat(folder).isNotEmptyDirectory();
                    assertThat(bytes(folder)).as("bytes of %s", folder).isLessThan(TARGET_BYTES_MAX);
                }
            }
        }
    }

    private static boolean isCompressed(Path file) {
        return Stream.of("gzip", "snappy", "lz4", "zstd")
                .anyMatch(file.getFileName().toString()::equals);
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        }
    }
}
