package io.gq.broker.data;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a start that finds everything written before from one that may miss what was not synced: the end of a process leaves the page
 * cache alone, the end of the machine's kernel does not. Linux gives each run of the kernel an id; the record holds it while the node
 * runs, and that all was synced once it has stopped.
 *
 * <pre>
 *   gq-boot 1                magic and version
 *   state=running|stopped
 *   boot_id=...              empty: this machine tells none
 *   crc32c=9ab0cdef          of all lines before
 * </pre>
 *
 * <p>Used by one thread at a time.
 */
public final class BootRecord {

    /** Where Linux tells the id. */
    public static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    static final String NAME = "gq.boot";

    private static final Logger LOG = LoggerFactory.getLogger(BootRecord.class);
    private static final String MAGIC = "gq-boot 1\n";

    private final Path file;
    private final Optional<String> bootId;

    /** @param bootId of the machine's present run; empty where it tells none: then every end but a clean stop counts as the machine's */
    public BootRecord(Path directory, Optional<String> bootId) {
        this.file = directory.resolve(NAME);
        this.bootId = bootId;
    }

    /** The id in such a file; empty where there is no file or nothing in it. */
    public static Optional<String> bootId(Path source) {
        try {
            return Optional.of(Files.readString(source, StandardCharsets.UTF_8).trim())
                    .filter(id -> !id.isEmpty());
        } catch (IOException e) {
            LOG.warn("the machine tells no boot id file={} cause={}", source, e.toString());
            return Optional.empty();
        }
    }

    /**
     * Whether what was written here and not synced may be gone. So it is where nothing is recorded, too: a record that was lost is no
     * proof of anything. Reads the record; to be asked before {@link #running}.
     */
    public boolean mayHaveForgotten() {
        try {
            List<String> lines = read();
            if (lines.contains("state=stopped")) {
                return false;
            }
            return bootId.isEmpty() || !lines.contains("state=running") || !lines.contains("boot_id=" + bootId.get());
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "file: " + file + " (expected: readable): " + e, e);
        }
    }

    private List<String> read() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8); // bad characters fail the checksum
        int crcAt = text.lastIndexOf("crc32c=");
        if (!text.startsWith(MAGIC)
                || crcAt < 0
                || !text.substring(crcAt).trim().equals("crc32c=" + DurableFiles.crc(text.substring(0, crcAt)))) {
            LOG.warn("not a whole record, taken for none file={}", file);
            return List.of();
        }
        return text.substring(0, crcAt).lines().toList();
    }

    /** From now on there may be something that is not synced. Durable when it returns. */
    public void running() {
        write("running");
    }

    /** Everything is synced, and nothing is written any more. Durable when it returns. */
    public void stopped() {
        write("stopped");
    }

    private void write(String state) {
        String body = MAGIC + "state=" + state + "\n" + "boot_id=" + bootId.orElse("") + "\n";
        try {
            DurableFiles.replace(file, body + "crc32c=" + DurableFiles.crc(body) + "\n");
        } catch (IOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "file: " + file + " (expected: writable): " + e, e);
        }
    }
}
