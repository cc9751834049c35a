package io.gq.broker.data;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a data directory says of itself.
 *
 * <pre>
 *   gq-data-directory 1        magic and version
 *   node_id=2
 *   incarnation=0f1e2d3c4b5a6978
 *   cluster_id=...             empty: not founded yet
 *   founders=1-...,2-...,3-...
 *   crc32c=9ab0cdef            of all lines before
 * </pre>
 *
 * @param founders the controller voters the cluster was founded with; empty where not known
 */
record MetaFile(PeerId peer, Optional<String> clusterId, List<PeerId> founders) {

    static final String NAME = "gq.meta";

    private static final String MAGIC = "gq-data-directory";
    private static final String VERSION = "1";

    MetaFile {
        founders = List.copyOf(founders);
    }

    /** @throws BrokerException with STORAGE_ERROR where the file is damaged or of a version not known here */
    static MetaFile read(Path file) throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int crcAt = text.lastIndexOf("crc32c=");
        if (!text.startsWith(MAGIC + " ")) {
            throw damaged(file, "begins with " + MAGIC);
        }
        String version = text.substring(MAGIC.length() + 1, Math.max(text.indexOf('\n'), MAGIC.length() + 1));
        if (!version.equals(VERSION)) {
            throw new BrokerException(
                    ErrorCode.STORAGE_ERROR,
                    "version of " + file + ": " + version + " (expected: " + VERSION + "; a newer gq wrote it)");
        }
        if (crcAt < 0 || !text.substring(crcAt).trim().equals("crc32c=" + DurableFiles.crc(text.substring(0, crcAt)))) {
            throw damaged(file, "a matching checksum");
        }
        Map<String, String> fields = new HashMap<>();
        text.substring(0, crcAt).lines().skip(1).forEach(line -> {
            int equals = line.indexOf('=');
            fields.put(line.substring(0, Math.max(equals, 0)), line.substring(equals + 1));
        });
        try {
            return new MetaFile(
                    new PeerId(new NodeId(Integer.parseInt(field(fields, "node_id"))), field(fields, "incarnation")),
                    Optional.of(field(fields, "cluster_id")).filter(id -> !id.isEmpty()),
                    Arrays.stream(field(fields, "founders").split(",", -1))
                            .filter(f -> !f.isEmpty())
                            .map(PeerId::parse)
                            .toList());
        } catch (IllegalArgumentException e) {
            throw damaged(file, "legal fields: " + e.getMessage());
        }
    }

    void write(Path file) throws IOException {
        String body = MAGIC + " " + VERSION + "\n"
                + "node_id=" + peer.node() + "\n"
                + "incarnation=" + peer.incarnation() + "\n"
                + "cluster_id=" + clusterId.orElse("") + "\n"
                + "founders=" + founders.stream().map(PeerId::toString).collect(Collectors.joining(",")) + "\n";
        DurableFiles.replace(file, body + "crc32c=" + DurableFiles.crc(body) + "\n");
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private static BrokerException damaged(Path file, String expected) {
        return new BrokerException(
                ErrorCode.STORAGE_ERROR, "file: " + file + " is damaged (expected: " + expected + ")");
    }
}
