package io.gq.cli;

import io.gq.client.fake.FakeCluster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs commands in this process against a fake cluster, with streams of its own. */
final class CliHarness {

    private final FakeCluster cluster;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CliHarness(FakeCluster cluster) {
        this.cluster = cluster;
    }

    int gq(String... args) {
        return gq(new byte[0], args);
    }

    int gq(byte[] in, String... args) {
        return Gq.run(terminal(in), connected(args));
    }

    int admin(String... args) {
        return GqAdmin.run(terminal(new byte[0]), connected(args));
    }

    /** Somebody sits at a terminal and types. */
    int adminAnswering(String typed, String... args) {
        return GqAdmin.run(terminal(typed.getBytes(StandardCharsets.UTF_8), true), connected(args));
    }

    byte[] out() {
        return out.toByteArray();
    }

    String outText() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String errText() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private Terminal terminal(byte[] in) {
        return terminal(in, false);
    }

    private Terminal terminal(byte[] in, boolean answering) {
        out.reset();
        err.reset();
        return new Terminal(
                new ByteArrayInputStream(in),
                out,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                answering);
    }

    private String[] connected(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add("--bootstrap");
        all.add(cluster.bootstrap());
        return all.toArray(String[]::new);
    }
}
