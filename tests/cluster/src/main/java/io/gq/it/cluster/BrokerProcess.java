package io.gq.it.cluster;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One broker in a process of its own, with its own directory: {@code data/} and the output of every run in {@code out.log}. Used by
 * one thread.
 */
public final class BrokerProcess implements AutoCloseable {

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(45);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final int node;
    private final String host;
    private final Path home;
    private final BrokerPorts ports;
    private final Map<String, String> settings;

    private final Map<String, String> properties = new TreeMap<>();
    private List<String> launcher = List.of();

    private @Nullable Process process;

    /** @param host a loopback name or address, IPv6 in brackets */
    BrokerProcess(int node, String host, Path home, BrokerPorts ports, Map<String, String> settings) {
        this.node = node;
        this.host = host;
        this.home = home;
        this.ports = ports;
        this.settings = new TreeMap<>(settings);
    }

    public int node() {
        return node;
    }

    public BrokerPorts ports() {
        return ports;
    }

    public String address() {
        return host + ":" + ports.grpc();
    }

    public Path dataDir() {
        return Path.of(settings.getOrDefault("data_dir", home.resolve("data").toString()));
    }

    public Path outputFile() {
        return home.resolve("out.log");
    }

    /** Holds for the next start. */
    public void set(String key, String value) {
        settings.put(key, value);
    }

    /** A system property of the process, for the next start. */
    public void property(String key, String value) {
        properties.put(key, value);
    }

    /** Words before {@code java} that change what the process sees (its network, its libraries) and then become it, for the next start. */
    public void launcher(List<String> words) {
        launcher = List.copyOf(words);
    }

    /** The next start takes place on a machine that was booted under this id: another one than before means that it went down. */
    public void bootAs(String id) {
        Path file = home.resolve("boot_id");
        try {
            Files.createDirectories(home);
            Files.writeString(file, id + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        property("gq.boot_id_file", file.toString());
    }

    /** Starts the process and returns at once. */
    public void start() {
        if (alive()) {
            throw new IllegalStateException("broker " + node + " runs already");
        }
        try {
            Files.createDirectories(home);
            process = new ProcessBuilder(command())
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(outputFile().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError"));
        properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", classPath(), "io.gq.broker.Main"));
        Map<String, String> all = new TreeMap<>(settings);
        all.put("node_id", Integer.toString(node));
        all.putIfAbsent("data_dir", dataDir().toString());
        all.put("listeners.grpc.bind", host + ":" + ports.grpc());
        all.put("listeners.raft.bind", host + ":" + ports.raft());
        all.put("listeners.raft_replicated.bind", host + ":" + ports.replicated());
        all.put("listeners.controller.bind", host + ":" + ports.controller());
        all.put("listeners.http.bind", host + ":" + ports.http());
        all.forEach((key, value) -> {
            command.add("--set");
            command.add(key + "=" + value);
        });
        return command;
    }

    /** What the broker itself needs; nothing of the tests. */
    private static String classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(all.split(File.pathSeparator))
                .filter(entry -> Stream.of(
                                "/tests/it/",
                                "/tests/cluster/",
                                "/tests/chaos/target/classes",
                                "gq-tests-",
                                "gq-cli",
                                "/cli/target",
                                "gq-testing",
                                "/testing/target",
                                "junit",
                                "assertj",
                                "awaitility",
                                "surefire")
                        .noneMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }

    public boolean alive() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return running().pid();
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() {
        Process running = running();
        running.destroyForcibly();
        awaitExit(running);
    }

    /** SIGKILL, without waiting: for several processes at one moment. */
    public void killNow() {
        running().destroyForcibly();
    }

    /** SIGTERM; returns when the process has ended. */
    public int terminate() {
        Process running = running();
        running.destroy();
        return awaitExit(running);
    }

    /** SIGSTOP: the process stands still, its connections stay open. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid()).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits for a process that ends by itself. */
    public int awaitExit() {
        return awaitExit(running());
    }

    private int awaitExit(Process running) {
        try {
            if (!running.waitFor(EXIT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                running.destroyForcibly();
                fail("broker %d did not end within %s:%n%s", node, EXIT_TIMEOUT, outputTail(80));
            }
            return running.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until {@code /health/ready} says yes. */
    public void awaitReady() {
        try {
            await("broker " + node + " ready")
                    .atMost(READY_TIMEOUT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        if (!alive()) {
                            fail("broker %d ended with %d:%n%s", node, running().exitValue(), outputTail(80));
                        }
                        return ready();
                    });
        } catch (ConditionTimeoutException e) {
            String says = get("/health/ready").map(HttpResponse::body).orElse("nothing");
            throw new AssertionError(
                    "broker %d not ready within %s, it says: %s%n%s"
                            .formatted(node, READY_TIMEOUT, says, outputTail(40)),
                    e);
        }
    }

    public boolean ready() {
        return get("/health/ready").filter(answer -> answer.statusCode() == 200).isPresent();
    }

    /** Waits until {@code /health/live} answers, whatever it says. */
    public void awaitListening() {
        await("broker " + node + " listens")
                .atMost(READY_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    if (!alive()) {
                        fail("broker %d ended with %d:%n%s", node, running().exitValue(), outputTail(80));
                    }
                    return get("/health/live").isPresent();
                });
    }

    /** Empty where nobody answers. */
    public Optional<HttpResponse<String>> get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + ports.http() + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return Optional.of(HTTP.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The value of the first sample whose line begins with {@code sample}; empty where there is none. */
    public Optional<Double> metric(String sample) {
        return get("/metrics")
                .flatMap(answer -> answer.body()
                        .lines()
                        .filter(line -> line.startsWith(sample))
                        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                        .findFirst());
    }

    /** Everything written by all runs so far. */
    public String output() {
        try {
            return Files.exists(outputFile()) ? Files.readString(outputFile(), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String outputTail(int lines) {
        List<String> all = output().lines().toList();
        return "--- broker " + node + " (" + outputFile() + ")\n"
                + String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    }

    /** Deletes the data directory of a stopped broker. */
    public void wipe() {
        if (alive()) {
            throw new IllegalStateException("broker " + node + " runs (expected: stopped)");
        }
        DataFiles.deleteTree(dataDir());
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("broker " + node + " was never started");
        }
        return process;
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            process.destroyForcibly();
            awaitExit(process);
        }
    }
}
