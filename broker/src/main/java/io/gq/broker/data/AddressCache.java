package io.gq.broker.data;

import io.gq.broker.config.HostPort;
import io.gq.core.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the other nodes' listeners were last seen, so that a restarted node finds them before any of them told it. Only a hint: a
 * file that is missing or damaged reads as empty.
 *
 * <p>Text: {@code gq-addresses 1}, then a line {@code <node> <listener> <host:port>} each, then the CRC32C of all that.
 */
public final class AddressCache {

    private static final Logger log = LoggerFactory.getLogger(AddressCache.class);
    private static final String HEADER = "gq-addresses 1\n";

    private final Path file;

    AddressCache(Path file) {
        this.file = file;
    }

    /** Listeners by name, by node. */
    public synchronized Map<NodeId, Map<String, HostPort>> load() {
        Map<NodeId, Map<String, HostPort>> nodes = new TreeMap<>();
        try {
            if (!Files.exists(file)) {
                return nodes;
            }
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            int crcAt = text.lastIndexOf('\n', text.length() - 2) + 1;
            String body = text.substring(0, crcAt);
            if (!body.startsWith(HEADER) || !text.substring(crcAt).trim().equals(DurableFiles.crc(body))) {
                throw new IOException("checksum does not match");
            }
            body.lines()
                    .skip(1)
                    .map(line -> line.split(" ", 3))
                    .forEach(fields -> nodes.computeIfAbsent(
                                    new NodeId(Integer.parseInt(fields[0])), n -> new TreeMap<>())
                            .put(fields[1], HostPort.parse(fields[2])));
            return nodes;
        } catch (IOException | RuntimeException e) {
            log.warn("address cache not readable, going on without file={} error={}", file, e.toString());
            return new TreeMap<>();
        }
    }

    /** Replaces what is known; a failure is logged and changes nothing else. */
    public synchronized void store(Map<NodeId, Map<String, HostPort>> nodes) {
        StringBuilder text = new StringBuilder(HEADER);
        new TreeMap<>(nodes)
                .forEach((node, listeners) -> new TreeMap<>(listeners)
                        .forEach((name, address) -> text.append(node)
                                .append(' ')
                                .append(name)
                                .append(' ')
                                .append(address)
                                .append('\n')));
        try {
            DurableFiles.replace(file, text + DurableFiles.crc(text.toString()) + "\n");
        } catch (IOException e) {
            log.warn("address cache not written file={} error={}", file, e.toString());
        }
    }
}
