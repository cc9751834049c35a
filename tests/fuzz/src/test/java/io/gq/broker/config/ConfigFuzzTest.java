package io.gq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.fuzz.Bounded;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** The broker's settings: a configuration comes out, or INVALID_CONFIG. */
public final class ConfigFuzzTest {

    @TempDir
    Path directory;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        seeds.put("yaml/nested", utf8("""
                node_id: 1
                storage:
                  flusher_threads: 2
                data_dir: /tmp/x
                """));
        seeds.put("yaml/lists", utf8("""
                controllers: ["1@127.0.0.1:9092", '2@127.0.0.1:9093']
                listeners:
                  - name: client
                    port: 9092
                  - {name: x, host: 1.2.3.4}
                """));
        seeds.put("yaml/anchors", utf8("""
                a: &x [1, 2]
                b: *x
                c: !!int 5
                d: |
                  text
                  more
                """));
        return seeds;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @FuzzTest
    void yaml(byte[] data) throws Exception {
        Path file = directory.resolve("broker.yaml");
        Files.write(file, data);
        BrokerFlags flags = new BrokerFlags(Optional.of(file), Optional.empty(), Optional.empty(), List.of());
        Bounded.check((32 << 20) + 4096L * data.length, () -> {
            try {
                assertThat(ConfigLoader.load(flags, Map.of()).print()).contains("node_id");
            } catch (BrokerException expected) {
                assertThat(expected.code()).isEqualTo(ErrorCode.INVALID_CONFIG);
            }
        });
    }
}
