package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {

    @Test
    void shouldEmptyOnlyWhatItMade(@TempDir Path dir) throws Exception {
        Path own = dir.resolve("own");
        WorkDirectory.empty(own);
        Files.writeString(own.resolve("data"), "of a run");
        WorkDirectory.empty(own);
        assertThat(own.resolve("data")).doesNotExist();

        Path precious = Files.writeString(dir.resolve("precious"), "of somebody else");
        assertThatThrownBy(() -> WorkDirectory.empty(dir)).isInstanceOf(IllegalArgumentException.class);
        assertThat(precious).exists();
    }
}
