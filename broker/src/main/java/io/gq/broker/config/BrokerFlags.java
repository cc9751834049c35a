package io.gq.broker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the command line of the broker says about its settings.
 *
 * @param config the file; else GQ_CONFIG names it, else there is none
 * @param nodeId same as {@code node_id=...} in {@code set}
 * @param dataDir same as {@code data_dir=...} in {@code set}
 * @param set {@code key=value} each; the later wins
 */
public record BrokerFlags(Optional<Path> config, Optional<String> nodeId, Optional<String> dataDir, List<String> set) {

    public BrokerFlags {
        set = List.copyOf(set);
    }
}
