package io.gq.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Flags as one writes them on a command line. */
public final class TestFlags {

    private TestFlags() {}

    /** Pairs of a flag and its value. */
    public static BrokerFlags of(String... args) {
        Optional<Path> config = Optional.empty();
        Optional<String> nodeId = Optional.empty();
        Optional<String> dataDir = Optional.empty();
        List<String> set = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            switch (args[i]) {
                case "--config" -> config = Optional.of(Path.of(args[i + 1]));
                case "--node-id" -> nodeId = Optional.of(args[i + 1]);
                case "--data-dir" -> dataDir = Optional.of(args[i + 1]);
                case "--set" -> set.add(args[i + 1]);
                default -> throw new IllegalArgumentException(args[i]);
            }
        }
        return new BrokerFlags(config, nodeId, dataDir, set);
    }
}
