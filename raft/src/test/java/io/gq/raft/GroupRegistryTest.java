package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.GroupId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupRegistryTest {

    private static final GroupId GROUP = new GroupId(UUID.fromString("7b1f0c3e-0000-4000-8000-000000000001"));

    @TempDir
    Path directory;

    @Test
    void shouldRememberWhatWasPut() throws Exception {
        GroupRegistry registry = new GroupRegistry(directory.resolve("registry"));
        GroupRegistry.Entry entry =
                new GroupRegistry.Entry(GroupRegistry.State.CREATED, List.of(LoneReplica.SECOND, LoneReplica.THIRD));

        assertThat(registry.find(GROUP)).isEmpty();
        registry.put(GROUP, entry);
        registry.put(TestCluster.newGroup(), new GroupRegistry.Entry(GroupRegistry.State.DELETING, List.of()));

        GroupRegistry again = new GroupRegistry(directory.resolve("registry"));
        assertThat(again.find(GROUP)).contains(entry);
        assertThat(again.all()).hasSize(2).containsEntry(GROUP, entry);
        again.remove(GROUP);
        again.remove(GROUP);
        assertThat(again.find(GROUP)).isEmpty();
    }

    @Test
    void shouldMoveOnOnlyFromTheStateNamed() throws Exception {
        GroupRegistry registry = new GroupRegistry(directory);
        registry.put(GROUP, new GroupRegistry.Entry(GroupRegistry.State.DISTRUSTED, List.of(LoneReplica.SECOND)));

        assertThat(registry.move(GROUP, GroupRegistry.State.DISTRUSTED, GroupRegistry.State.CREATED))
                .isTrue();
        assertThat(registry.move(GROUP, GroupRegistry.State.DISTRUSTED, GroupRegistry.State.DELETING))
                .isFalse();

        assertThat(registry.find(GROUP))
                .contains(new GroupRegistry.Entry(GroupRegistry.State.CREATED, List.of(LoneReplica.SECOND)));
    }

    @Test
    void shouldKeepItsForm() throws Exception {
        GroupRegistry registry = new GroupRegistry(directory);
        registry.put(GROUP, new GroupRegistry.Entry(GroupRegistry.State.CREATED, List.of(LoneReplica.SECOND)));

        assertThat(Files.readString(directory.resolve(GROUP.toString())))
                .isEqualTo("gq-group 1 b5c3a3fa\nstate created\nfounder 2-0000000000000002\n");
    }

    @Test
    void shouldRefuseAnEntryWhenItWasAltered() throws Exception {
        GroupRegistry registry = new GroupRegistry(directory);
        registry.put(GROUP, new GroupRegistry.Entry(GroupRegistry.State.CREATED, List.of(LoneReplica.SECOND)));
        Path file = directory.resolve(GROUP.toString());
        Files.writeString(file, Files.readString(file).replace("created", "deleting"));

        assertThatThrownBy(() -> registry.find(GROUP)).isInstanceOf(IOException.class);
    }
}
