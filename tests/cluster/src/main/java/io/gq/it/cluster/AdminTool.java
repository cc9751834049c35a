package io.gq.it.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code gq-admin}, in a process of its own, without a terminal. */
public final class AdminTool {

    private static final int TIMEOUT_S = 150;

    private final ClusterFixture cluster;

    public AdminTool(ClusterFixture cluster) {
        this.cluster = cluster;
    }

    /** What a run left behind. */
    public record Run(int exit, String out, String err) {}

    /** Runs a command to its end, asking the brokers of the cluster. */
    public Run run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--bootstrap", cluster.bootstrap()));
        return run("io.gq.cli.GqAdmin", all);
    }

    /** Looks through the data directory of a broker that does not run. */
    public Run verifyDirectory(Path dataDir) {
        return run("io.gq.broker.VerifyMain", List.of("verify", "--data-dir", dataDir.toString()));
    }

    private Run run(String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main));
        command.addAll(arguments);
        Path out = cluster.dir().resolve("gq-admin.out");
        Path err = cluster.dir().resolve("gq-admin.err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("gq-admin " + arguments + " did not end in time");
            }
            return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
