package io.gq.raft;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration a group applied last, as Ratis writes it ({@code raft-meta.conf}). Where the disk refuses the write, Ratis (3.3.0)
 * puts in place what was written of it and says nothing; nor does it where two of its threads write at once. So it is looked at after
 * each write, and the last one that was whole keeps a second name, which needs no room.
 *
 * <p>That one may take the first one's place again: a replica never comes back with the voters of an earlier time than its checkpoint's. No
 * entry is purged before the configuration it may hold is kept ({@link #written}), and no snapshot is installed before the configuration
 * that goes with it lies beside the others ({@code raft-meta.conf.snapshot}, {@link #beforeInstall}). It takes their place where the snapshot was
 * installed, which the checkpoint tells.
 *
 * <p>Ratis' file has no checksum, and its second name is damaged together with it, so a checksum lies beside them ({@code
 * raft-meta.conf.sum}). A configuration in which a bit has flipped is not whole. The checksum speaks of one configuration, by its index:
 * of another one, which was written when the process died (a later one, or an earlier one while the log is applied anew from the checkpoint
 * on), and where there is none, as in an older version, only the form is looked at. So a flip in the index itself is not seen.
 *
 * <p>One thread at a time changes it; others may read.
 */
final class ConfigurationFile {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationFile.class);

    static final String NAME = "raft-meta.conf";
    static final String WHOLE = "raft-meta.conf.whole";
    static final String SUM = "raft-meta.conf.sum";
    static final String OF_SNAPSHOT = "raft-meta.conf.snapshot";

    /** Index of the configuration, its checksum, and one of the two. */
    private static final Pattern SUM_LINE = Pattern.compile("((\\d{1,19}) ([0-9a-f]{8})) ([0-9a-f]{8})");

    private record Sum(long index, String crc) {}

    private final Path file;
    private final Path whole;
    private final Path sum;
    private final Path ofSnapshot;

    /** @param directory the group's {@code current} directory */
    ConfigurationFile(Path directory) {
        this.file = directory.resolve(NAME);
        this.whole = directory.resolve(WHOLE);
        this.sum = directory.resolve(SUM);
        this.ofSnapshot = directory.resolve(OF_SNAPSHOT);
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** What Ratis wrote last, or what goes with a later snapshot; empty where the former is not there or not whole. */
    Optional<LogEntryProto> read() throws IOException {
        Optional<LogEntryProto> written = parse(file);
        return written.isEmpty() ? written : newer(written, parseOfSnapshot());
    }

    private static Optional<LogEntryProto> newer(Optional<LogEntryProto> one, Optional<LogEntryProto> other) {
        return other.isPresent()
                        && (one.isEmpty() || one.get().getIndex() < other.get().getIndex())
                ? other
                : one;
    }

    /** Whether one that is not whole can be put right. */
    boolean mayBeMended(long logStartIndex) throws IOException {
        return logStartIndex == 0 || parse(whole).isPresent();
    }

    /**
     * Puts the last that was whole in the place of one that is not; one that is not needed, since the log begins with the group's first
     * entry, is taken away. The one of a snapshot that was installed takes its place first.
     *
     * @param tail the log
     * @param checkpoint of the machine
     * @throws DamagedReplicaException where none is whole that may be needed
     */
    void mend(LogTail tail, LogPosition checkpoint) throws IOException, DamagedReplicaException {
        boolean mayNeedOfSnapshot = tail.endIndex() <= checkpoint.index();
        if (Files.exists(ofSnapshot) && parseOfSnapshot().isEmpty() && mayNeedOfSnapshot) {
            throw new DamagedReplicaException(
                    "configuration of a snapshot: unreadable (expected: whole) in " + ofSnapshot);
        }
        installed(checkpoint);
        Optional<LogEntryProto> written = parse(file);
        if (written.isPresent()) {
            if (written.get().getIndex() > checkpoint.index() && parse(whole).isPresent()) {
                // It may be that of a snapshot that was not installed, which an append would remove; else the log holds
                // it.
                link(whole, file);
                Directories.sync(Directories.parent(file));
            }
            return;
        }
        if (!exists() && checkpoint.index() < 0) {
            return; // nothing was ever applied
        }
        boolean kept = exists() && parse(whole).isPresent();
        boolean logHoldsAll = tail.startIndex() == 0 && tail.endIndex() > checkpoint.index();
        if (!kept && !logHoldsAll) {
            throw new DamagedReplicaException(
                    "configuration: not whole (expected: whole, since the log goes from " + tail.startIndex() + " to "
                            + tail.endIndex() + " and the checkpoint is " + checkpoint + ") in " + file);
        }
        LOG.warn("configuration is not whole file={} kept={}", file, kept);
        if (kept) {
            link(whole, file);
        } else {
            Files.deleteIfExists(file);
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
            keep();
        } else {
            if (!holds(whole, entry)) {
                Directories.rewrite(whole, entry.toByteArray());
            }
            link(whole, file);
        }
        sum(entry);
    }

    /**
     * A snapshot is to be installed: keeps the configuration that goes with it, durably.
     *
     * @param configuration with the snapshot's position, see {@link SnapshotConfiguration#takeFrom}
     */
    void beforeInstall(LogEntryProto configuration) throws IOException {
        if (parse(whole).isEmpty() && parse(file).isPresent()) {
            keep(); // Ratis may write this one before anything is installed
        }
        Directories.replace(ofSnapshot, SnapshotConfiguration.encode(configuration));
    }

    /**
     * The configuration of a snapshot that was installed takes the place of an older one; that of one which was not, in the end, is
     * forgotten.
     *
     * @param checkpoint of the machine
     */
    void installed(LogPosition checkpoint) throws IOException {
        Optional<LogEntryProto> own = parseOfSnapshot().filter(entry -> entry.getIndex() <= checkpoint.index());
        if (own.isPresent()) {
            Optional<LogEntryProto> written = parse(file);
            written(newer(written.isPresent() ? written : parse(whole), own).orElseThrow());
            Directories.sync(Directories.parent(file));
        }
        Files.deleteIfExists(ofSnapshot);
    }

    /** Ratis could not write the next one: the one before it stays in force until that comes again, from the log or a leader. */
    void restore() throws IOException {
        if (parse(file).isEmpty() && parse(whole).isPresent()) {
            link(whole, file);
        }
    }

    /** Not synced, and no failure if it cannot be written: one of another configuration says nothing of this one. */
    private void sum(LogEntryProto entry) {
        String said = entry.getIndex() + " " + crc(entry);
        Path temporary = sum.resolveSibling(SUM + ".tmp");
        try {
            Files.writeString(temporary, said + " " + crc(said.getBytes(StandardCharsets.UTF_8)));
            Files.move(temporary, sum, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.debug("checksum of the configuration was not written file={}", sum, e);
            if (!sum.toFile()
                    .delete()) { // it may be of another configuration with the same index, and needs no room to go
                LOG.debug("checksum of a configuration before stays file={}", sum);
            }
        }
    }

    /** Empty where there is none, or it is not whole itself. */
    private Optional<Sum> sum() throws IOException {
        if (!Files.exists(sum)) {
            return Optional.empty();
        }
        Matcher line = SUM_LINE.matcher(new String(Files.readAllBytes(sum), StandardCharsets.ISO_8859_1));
        try {
            return line.matches()
                            && crc(line.group(1).getBytes(StandardCharsets.UTF_8))
                                    .equals(line.group(4))
                    ? Optional.of(new Sum(Long.parseLong(line.group(2)), line.group(3)))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The term is left out, as in {@link #holds}. */
    private static String crc(LogEntryProto entry) {
        return crc(entry.getConfigurationEntry().toByteArray());
    }

    private static String crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return "%08x".formatted(crc.getValue());
    }

    /** By its second name; where the file system has no such thing, there is none. */
    private void keep() throws IOException {
        try {
            link(file, whole);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("configuration is not kept by a second name file={}", file, e);
            Files.deleteIfExists(whole); // it would be an older one
        }
    }

    /** The term is left out: leaders that send a snapshot do not name it. */
    private boolean holds(Path from, LogEntryProto entry) throws IOException {
        return parse(from)
                .filter(found -> found.getIndex() == entry.getIndex()
                        && found.getConfigurationEntry().equals(entry.getConfigurationEntry()))
                .isPresent();
    }

    /** What is kept beside the file is of another time than what that is to hold from now on. */
    void forgetKept() throws IOException {
        Files.deleteIfExists(whole);
        Files.deleteIfExists(sum);
    }

    /** The file holds what the configuration of a snapshot said. */
    void forgetOfSnapshot() throws IOException {
        Files.deleteIfExists(ofSnapshot);
    }

    private static void link(Path from, Path to) throws IOException {
        Path temporary = to.resolveSibling(to.getFileName() + ".link");
        Files.deleteIfExists(temporary);
        Files.createLink(temporary, from);
        Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(temporary); // which a rename onto another name of the same file leaves
    }

    private Optional<LogEntryProto> parseOfSnapshot() throws IOException {
        if (!Files.exists(ofSnapshot)) {
            return Optional.empty();
        }
        byte[] bytes = Files.readAllBytes(ofSnapshot);
        try {
            return Optional.of(SnapshotConfiguration.decode(ByteBuffer.wrap(bytes)));
        } catch (IOException e) {
            LOG.debug("unreadable configuration of a snapshot file={}", ofSnapshot, e);
            return Optional.empty();
        }
    }

    /** What the file holds; empty where it is not what was written. Of one with another index than the checksum's only the form is known. */
    private Optional<LogEntryProto> parse(Path from) throws IOException {
        if (!Files.exists(from)) {
            return Optional.empty();
        }
        try {
            Optional<LogEntryProto> entry = Optional.of(LogEntryProto.parseFrom(Files.readAllBytes(from)))
                    .filter(LogEntryProto::hasConfigurationEntry);
            Optional<Sum> known = sum();
            return entry.filter(read -> known.isEmpty()
                    || read.getIndex() != known.get().index()
                    || crc(read).equals(known.get().crc()));
        } catch (InvalidProtocolBufferException e) {
            LOG.debug("unreadable configuration file={}", from, e);
            return Optional.empty();
        }
    }
}
