package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupRegistryTest {

    private static final GroupId A = new GroupId(new UUID(1, 1));
    private static final GroupId B = new GroupId(new UUID(2, 2));
    private static final GroupId C = new GroupId(new UUID(3, 3));

    @TempDir
    Path temp;

    private Path file;

    @BeforeEach
    void setUp() {
        file = temp.resolve("gq.groups");
    }

    @Test
    void shouldRememberTheLatestStateAfterReopening() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            assertThat(registry.state(A)).isEmpty();
            registry.put(List.of(A, B), GroupState.OPEN);
            registry.put(A, GroupState.DAMAGED);
            registry.put(A, GroupState.REBUILDING);
            registry.put(C, GroupState.DELETED);
        }
        assertThat(reopened()).isEqualTo(Map.of(A, GroupState.REBUILDING, B, GroupState.OPEN, C, GroupState.DELETED));
    }

    @Test
    void shouldWriteNothingWhenTheStateIsTheSame() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.OPEN);
            long size = Files.size(file);
            registry.put(A, GroupState.OPEN);
            assertThat(Files.size(file)).isEqualTo(size);
        }
    }

    @Test
    void shouldNeverReviveADeletedGroup() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.DELETED);
            assertThatThrownBy(() -> registry.put(A, GroupState.OPEN)).isInstanceOf(Invariant.Violation.class);
            assertThat(registry.state(A)).contains(GroupState.DELETED);
        }
    }

    @Test
    void shouldForgetOnlyDeletedGroups() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.OPEN);
            registry.put(B, GroupState.DELETED);
            registry.forget(List.of(A, B, C));
            registry.put(C, GroupState.OPEN);
        }
        assertThat(reopened()).isEqualTo(Map.of(A, GroupState.OPEN, C, GroupState.OPEN));
    }

    @Test
    void shouldCutATornRecordAtEveryLength() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.OPEN);
            registry.put(B, GroupState.OPEN);
        }
        byte[] whole = Files.readAllBytes(file);
        for (int lost = 1; lost < GroupRegistry.RECORD_BYTES; lost++) {
            Files.write(file, Arrays.copyOf(whole, whole.length - lost));
            assertThat(reopened()).as("lost %d", lost).isEqualTo(Map.of(A, GroupState.OPEN));

            byte[] zeroTail = Arrays.copyOf(Arrays.copyOf(whole, whole.length - lost), whole.length);
            Files.write(file, zeroTail);
            assertThat(reopened()).as("zeros %d", lost).isEqualTo(Map.of(A, GroupState.OPEN));
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 3 * GroupRegistry.RECORD_BYTES));
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(C, GroupState.OPEN);
        }
        assertThat(reopened()).containsOnlyKeys(A, B, C);
    }

    @Test
    void shouldRefuseTheFileWhenAWrittenRecordIsDamaged() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.OPEN);
            registry.put(B, GroupState.OPEN);
        }
        byte[] whole = Files.readAllBytes(file);
        for (int position = 0; position < whole.length; position++) {
            byte[] flipped = whole.clone();
            flipped[position] ^= 0x04;
            Files.write(file, flipped);
            assertThatThrownBy(() -> GroupRegistry.open(file))
                    .as("flipped byte %d", position)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void shouldCompactTheFileWhenMostRecordsAreSuperseded() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            registry.put(A, GroupState.OPEN);
        }
        String record = Files.readString(file).lines().skip(1).findFirst().orElseThrow() + "\n";
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            DurableFiles.writeAll(channel, record.repeat(2000));
        }
        assertThat(reopened()).isEqualTo(Map.of(A, GroupState.OPEN));
        assertThat(Files.size(file)).isLessThan(200);
        assertThat(reopened()).isEqualTo(Map.of(A, GroupState.OPEN));
    }

    private Map<GroupId, GroupState> reopened() throws IOException {
        try (GroupRegistry registry = GroupRegistry.open(file)) {
            return registry.states();
        }
    }
}
