package io.gq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.status.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LoggingSetupTest {

    @TempDir
    Path dir;

    @AfterEach
    void backToDefaults() {
        LoggingSetup.apply(BrokerConfig.defaults());
    }

    @Test
    void shouldWriteTextIntoTheLogDirectoryWhenAsked() throws IOException {
        LoggingSetup.apply(config("text"));
        LoggerFactory.getLogger("io.gq.some").info("a line key={}", 1);
        LoggerFactory.getLogger("org.apache.ratis.some").info("not a line");

        assertThat(Files.readString(dir.resolve("broker.log")))
                .contains("INFO", "[node=7]", "a line key=1")
                .doesNotContain("not a line");
        assertNoTrouble();
    }

    @Test
    void shouldWriteOneJsonObjectALineWhenAsked() throws IOException {
        LoggingSetup.apply(config("json"));
        LoggerFactory.getLogger("io.gq.some").warn("a line key={}", 1);

        assertThat(Files.readString(dir.resolve("broker.log")).lines())
                .hasSize(1)
                .allMatch(l -> l.startsWith("{") && l.endsWith("}") && l.contains("\"a line key={}\""));
        assertNoTrouble();
    }

    private static void assertNoTrouble() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        assertThat(context.getStatusManager().getCopyOfStatusList())
                .filteredOn(s -> s.getLevel() >= Status.WARN)
                .isEmpty();
    }

    private BrokerConfig config(String format) {
        BrokerFlags flags =
                TestFlags.of("--node-id", "7", "--set", "log_dir=" + dir, "--set", "logging.format=" + format);
        return ConfigLoader.load(flags, Map.of()).config();
    }
}
