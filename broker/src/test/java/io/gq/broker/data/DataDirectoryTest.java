package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.broker.config.HostPort;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataDirectoryTest {

    private static final NodeId NODE = new NodeId(2);
    private static final String CLUSTER = "3f2b8f0a-7a53-4c8e-9a51-0d6a7c1e2b34";
    private static final List<PeerId> FOUNDERS =
            List.of(PeerId.parse("1-00000000000000aa"), PeerId.parse("2-00000000000000bb"));

    private final RandomGenerator random = new Random(42);

    @TempDir
    Path temp;

    @Test
    void shouldFormatAnEmptyDirectoryOnceAndKeepItsIncarnation() throws IOException {
        Path dir = temp.resolve("deep/er");
        PeerId first;
        try (DataDirectory data = DataDirectory.open(dir, NODE, random)) {
            first = data.peer();
            assertThat(first.node()).isEqualTo(NODE);
            assertThat(data.clusterId()).isEmpty();
        }
        try (DataDirectory data = DataDirectory.open(dir, NODE, random)) {
            assertThat(data.peer()).isEqualTo(first);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
        try (DataDirectory other = DataDirectory.open(temp.resolve("other"), NODE, random)) {
            assertThat(other.peer()).isNotEqualTo(first);
        }
    }

    @Test
    void shouldRememberTheClusterWhenFounded() {
        try (DataDirectory data = DataDirectory.open(temp, NODE, random)) {
            data.found(CLUSTER, FOUNDERS);
            data.found(CLUSTER, List.of());
        }
        try (DataDirectory data = DataDirectory.open(temp, NODE, random)) {
            assertThat(data.clusterId()).contains(CLUSTER);
            assertThat(data.founders()).isEqualTo(FOUNDERS);
            assertRefused(ErrorCode.CLUSTER_MISMATCH, CLUSTER, () -> data.found("another", FOUNDERS));
            assertRefused(ErrorCode.CLUSTER_MISMATCH, "another", () -> data.checkCluster("another"));
            data.checkCluster(CLUSTER);
            assertThat(data.clusterId()).contains(CLUSTER);
        }
    }

    @Test
    void shouldRefuseASecondUserOfTheDirectory() {
        try (DataDirectory data = DataDirectory.open(temp, NODE, random)) {
            assertRefused(
                    ErrorCode.DATA_DIR_IN_USE, data.path().toString(), () -> DataDirectory.open(temp, NODE, random));
        }
        DataDirectory.open(temp, NODE, random).close();
    }

    @Test
    void shouldRefuseTheDirectoryOfAnotherNode() {
        DataDirectory.open(temp, NODE, random).close();

        assertRefused(
                ErrorCode.DATA_DIR_MISMATCH, ": 2 (expected: 3", () -> DataDirectory.open(temp, new NodeId(3), random));
    }

    @Test
    void shouldRefuseADirectoryWithFilesThatAreNotItsOwn() throws IOException {
        Files.writeString(temp.resolve("thesis.txt"), "do not lose");

        assertRefused(ErrorCode.DATA_DIR_MISMATCH, "thesis.txt", () -> DataDirectory.open(temp, NODE, random));
        assertThat(temp.resolve("thesis.txt")).hasContent("do not lose");
    }

    @Test
    void shouldRefuseADirectoryThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "");

        assertRefused(
                ErrorCode.STORAGE_ERROR, "can write to", () -> DataDirectory.open(file.resolve("below"), NODE, random));
    }

    @ParameterizedTest
    @CsvSource({"node_id=2,node_id=3", "gq-data,xx-data", "founders=,f=", "crc32c=,crc32c=0"})
    void shouldRefuseADamagedMetaFile(String whole, String damaged) throws IOException {
        DataDirectory.open(temp, NODE, random).close();
        Path meta = temp.resolve(MetaFile.NAME);
        Files.writeString(meta, Files.readString(meta).replace(whole, damaged));

        assertRefused(ErrorCode.STORAGE_ERROR, "damaged", () -> DataDirectory.open(temp, NODE, random));
    }

    @Test
    void shouldRefuseAMetaFileOfALaterVersion() throws IOException {
        DataDirectory.open(temp, NODE, random).close();
        Path meta = temp.resolve(MetaFile.NAME);
        Files.writeString(meta, Files.readString(meta).replace("directory 1\n", "directory 2\n"));

        assertRefused(ErrorCode.STORAGE_ERROR, ": 2 (expected: 1", () -> DataDirectory.open(temp, NODE, random));
    }

    @Test
    void shouldFormatAgainWhenAFirstFormatWasCutShort() throws IOException {
        Files.writeString(temp.resolve(MetaFile.NAME + ".tmp"), "gq-data");

        DataDirectory.open(temp, NODE, random).close();
        assertThat(temp.resolve(MetaFile.NAME)).exists();
    }

    @Test
    void shouldRememberAddressesAndGoOnWithoutThemWhenDamaged() throws IOException {
        Map<NodeId, Map<String, HostPort>> nodes = Map.of(
                new NodeId(1), Map.of("grpc", HostPort.parse("[::1]:9092"), "raft", HostPort.parse("host-1:8001")));
        try (DataDirectory data = DataDirectory.open(temp, NODE, random)) {
            assertThat(data.addresses().load()).isEmpty();
            data.addresses().store(nodes);
            assertThat(data.addresses().load()).isEqualTo(nodes);

            Path file = temp.resolve("gq.addresses");
            Files.writeString(file, Files.readString(file).replace("host-1", "host-2"));
            assertThat(data.addresses().load()).isEmpty();
            Files.writeString(file, "");
            assertThat(data.addresses().load()).isEmpty();
        }
    }

    private static void assertRefused(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
