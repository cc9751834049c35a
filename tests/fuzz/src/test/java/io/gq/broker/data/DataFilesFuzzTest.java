package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.fuzz.Bounded;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** What a data directory says of itself. */
public final class DataFilesFuzzTest {

    private static final String META = """
            gq-data-directory 1
            node_id=2
            incarnation=0f1e2d3c4b5a6978
            cluster_id=abc
            founders=1-0f1e2d3c4b5a6978,2-0f1e2d3c4b5a6979
            """;
    private static final String BOOT = "gq-boot 1\nstate=running\nboot_id=x\n";

    @TempDir
    Path directory;

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        seeds.put("meta/whole", (META + crc(META)).getBytes(StandardCharsets.UTF_8));
        seeds.put("metaFields/whole", META.getBytes(StandardCharsets.UTF_8));
        seeds.put("boot/whole", (BOOT + crc(BOOT)).getBytes(StandardCharsets.UTF_8));
        return seeds;
    }

    private static String crc(String body) {
        return "crc32c=" + DurableFiles.crc(body) + "\n";
    }

    @FuzzTest
    void meta(byte[] data) throws Exception {
        check(data);
    }

    /** The checksum is made right. */
    @FuzzTest
    void metaFields(byte[] data) throws Exception {
        String body = new String(data, StandardCharsets.UTF_8);
        check((body + crc(body)).getBytes(StandardCharsets.UTF_8));
    }

    private void check(byte[] data) throws Exception {
        Path file = directory.resolve(MetaFile.NAME);
        Files.write(file, data);
        Bounded.check((4 << 20) + 256L * data.length, () -> {
            try {
                MetaFile meta = MetaFile.read(file);
                meta.write(file);
                assertThat(MetaFile.read(file)).isEqualTo(meta);
            } catch (BrokerException expected) {
                assertThat(expected.code()).isEqualTo(ErrorCode.STORAGE_ERROR);
            }
        });
    }

    /** Whatever is there, the answer is one; and nothing but a whole record says that nothing was forgotten. */
    @FuzzTest
    void boot(byte[] data) throws Exception {
        Files.write(directory.resolve(BootRecord.NAME), data);
        Bounded.check((4 << 20) + 256L * data.length, () -> {
            BootRecord record = new BootRecord(directory, Optional.of("x"));
            if (!record.mayHaveForgotten()) {
                assertThat(new String(data, StandardCharsets.UTF_8))
                        .startsWith("gq-boot 1\n")
                        .contains("crc32c=");
            }
        });
    }
}
