package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What the process does about a thread that dies: a setting of the whole process, which the waiting of other tests changes. */
@Isolated
final class ThreadDeathTest {

    @TempDir
    private Path directory;

    @Test
    void shouldLeaveTheProcessAloneWhenAThreadDies() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            List<String> deaths = new ArrayList<>();
            Thread thread = new Thread(() -> {
                throw new IllegalStateException("expected by a test");
            });
            thread.setUncaughtExceptionHandler((dead, e) -> deaths.add(e.getMessage()));
            thread.start();
            thread.join();

            assertThat(deaths).containsExactly("expected by a test");
            assertThat(Thread.getDefaultUncaughtExceptionHandler())
                    .as("Ratis would end the process from here")
                    .isNull();
            assertThat(cluster.host(1).raft.groups()).isEmpty();
        }
    }
}
