package io.gq.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration a group applied last, as Ratis writes it ({@code raft-meta.conf}). Where the disk refuses the write, Ratis (3.3.0)
 * puts in place what was written of it and says nothing; nor does it where two of its threads write at once. So it is looked at after
 * each write, and the last one that was whole keeps a second name, which needs no room; it takes the first one's place again as long
 * as the log holds what came after it.
 *
 * <p>One thread at a time.
 */
final class ConfigurationFile {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFile.class);

    static final String NAME = "raft-meta.conf";
    static final String WHOLE = "raft-meta.conf.whole";

    private final Path file;
    private final Path whole;

    /** @param directory the group's {@code current} directory */
    ConfigurationFile(Path directory) {
        this.file = directory.resolve(NAME);
        this.whole = directory.resolve(WHOLE);
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** What Ratis wrote last; else the last that was whole; empty where neither can be read. */
    Optional<LogEntryProto> read() throws IOException {
        Optional<LogEntryProto> written = parse(file);
        return written.isPresent() ? written : parse(whole);
    }

    /** Puts the last that was whole in the place of one that cannot be read, or takes that one away where there is none. */
    void mend() throws IOException {
        if (!Files.exists(file) || parse(file).isPresent()) {
            return;
        }
        boolean found = parse(whole).isPresent();
        LOG.warn("configuration is not whole file={} kept={}", file, found);
        if (found) {
            link(whole, file);
        } else {
            Files.delete(file);
        }
        Directories.sync(Directories.parent(file));
    }

    /**
     * Ratis has written the entry, or should have: keeps it.
     *
     * @param entry with a configuration
     * @throws IOException where it is not there and cannot be written
     */
    void written(LogEntryProto entry) throws IOException {
        if (holds(file, entry)) {
            link(file, whole);
            return;
        }
        if (!holds(whole, entry)) {
            Directories.rewrite(whole, entry.toByteArray());
        }
        link(whole, file);
    }

    private static boolean holds(Path from, LogEntryProto entry) throws IOException {
        return parse(from).filter(found -> found.getIndex() >= entry.getIndex()).isPresent();
    }

    /** What was kept is too old: the log does not hold what came after it. */
    void forget() {
        try {
            Files.deleteIfExists(whole);
        } catch (IOException e) {
            LOG.error("outdated configuration could not be deleted file={}", whole, e);
        }
    }

    private static void link(Path from, Path to) throws IOException {
        Path temporary = to.resolveSibling(to.getFileName() + ".link");
        Files.deleteIfExists(temporary);
        Files.createLink(temporary, from);
        Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(temporary); // which a rename onto another name of the same file leaves
    }

    private static Optional<LogEntryProto> parse(Path from) throws IOException {
        if (!Files.exists(from)) {
            return Optional.empty();
        }
        try {
            return Optional.of(LogEntryProto.parseFrom(Files.readAllBytes(from)))
                    .filter(LogEntryProto::hasConfigurationEntry);
        } catch (InvalidProtocolBufferException e) {
            LOG.debug("unreadable configuration file={}", from, e);
            return Optional.empty();
        }
    }
}
