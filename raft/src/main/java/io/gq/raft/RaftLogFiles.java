package io.gq.raft;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogTail;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what Ratis keeps of a group on disk, before Ratis does: whether it is whole, and the commands in its log. Ratis would start a
 * group whose configuration file does not parse as if it had none, and refuses a log whose last write was torn by a kill.
 *
 * <p>A file of the log is the magic {@code RaftLog1}, then entries: length (varint), protobuf, CRC32C of both; the open one ends in
 * zeros.
 */
final class RaftLogFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RaftLogFiles.class);

    private static final byte[] MAGIC = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_([0-9]+)|([0-9]+)-([0-9]+))");
    private static final int SECTOR_BYTES = 512;
    private static final int CHECKSUM_BYTES = 4;

    /** A file of the log, by its name. */
    record Segment(Path file, long startIndex, long endIndex) {
        static final long OPEN = -1;

        boolean open() {
            return endIndex == OPEN;
        }
    }

    private enum Mode {
        /** A torn last write is cut off; what else is wrong is damage. */
        OPEN,
        /** The same, and nothing is changed. */
        VERIFY,
        /** What comes before the first damage is what there is. Nothing is changed. */
        SALVAGE
    }

    /** Told of everything that was found whole, in the order of the log. */
    interface Visitor {
        void entry(Segment segment, int position, int end, LogEntryProto entry);
    }

    private final Path directory;
    private final int entryBytesMax;
    private final Visitor visitor;
    private final Mode mode;
    private final List<Entry> commands = new ArrayList<>();
    private long startIndex = -1;
    private long nextIndex;
    private long lastTerm;

    private RaftLogFiles(Path directory, int entryBytesMax, Visitor visitor, Mode mode) {
        this.directory = directory;
        this.entryBytesMax = entryBytesMax;
        this.visitor = visitor;
        this.mode = mode;
    }

    /**
     * Reads a group's files. A torn last write is cut off; nothing else is changed.
     *
     * @param directory the group's {@code current} directory
     * @return the log's content
     * @throws DamagedReplicaException where something is missing or does not fit its checksum
     */
    static LogTail read(Path directory, int entryBytesMax) throws IOException, DamagedReplicaException {
        return new RaftLogFiles(directory, entryBytesMax, (segment, position, end, entry) -> {}, Mode.OPEN).read();
    }

    /**
     * Reads a group's files and changes nothing; a torn last write, which was never acknowledged, is left out.
     *
     * @throws DamagedReplicaException as {@link #read}
     */
    static LogTail verify(Path directory, int entryBytesMax) throws IOException, DamagedReplicaException {
        return new RaftLogFiles(directory, entryBytesMax, (segment, position, end, entry) -> {}, Mode.VERIFY).read();
    }

    /**
     * Reads a group's log up to the first thing that is missing or does not fit its checksum. Changes nothing.
     *
     * @return what is whole
     * @throws DamagedReplicaException where term, vote or configuration are not whole
     */
    static LogTail readWhole(Path directory, int entryBytesMax, Visitor visitor)
            throws IOException, DamagedReplicaException {
        return new RaftLogFiles(directory, entryBytesMax, visitor, Mode.SALVAGE).read();
    }

    /**
     * Deletes the log's files where a snapshot goes beyond their end: Ratis leaves an open file standing and then meets a gap.
     *
     * @param tail what {@link #read} returned
     * @param checkpointIndex everything up to it (inclusive) is durable in the machine
     */
    static void dropCovered(Path directory, LogTail tail, long checkpointIndex) throws IOException {
        if (tail.endIndex() > checkpointIndex) {
            return;
        }
        for (Path file : Directories.list(directory)) {
            if (SEGMENT.matcher(file.getFileName().toString()).matches()) {
                LOG.info("log file covered by the checkpoint file={} checkpointIndex={}", file, checkpointIndex);
                Files.delete(file);
            }
        }
        Directories.sync(directory);
    }

    private LogTail read() throws IOException, DamagedReplicaException {
        checkMeta(directory.resolve(VoteFile.NAME));
        try {
            readSegments();
        } catch (DamagedReplicaException e) {
            if (mode != Mode.SALVAGE) {
                throw e;
            }
            LOG.debug("log is whole up to index={} reason={}", nextIndex - 1, e.getMessage());
        }
        checkConfiguration();
        return startIndex < 0 ? LogTail.EMPTY : new LogTail(startIndex, nextIndex, commands);
    }

    private static void checkMeta(Path file) throws IOException, DamagedReplicaException {
        if (!Files.exists(file)) {
            throw damaged(file, VoteFile.NAME, "missing", "term and vote");
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(file)));
            Long.parseLong(properties.getProperty("term", ""));
        } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
            throw damaged(file, VoteFile.NAME, "unreadable", "term and vote");
        }
        String votedFor = properties.getProperty("votedFor");
        if (votedFor == null) {
            throw damaged(file, "votedFor", "missing", "a peer id or nothing");
        }
        if (votedFor.contains("=")) {
            throw damaged(file, "votedFor", votedFor, "a peer id or nothing");
        }
        if (!VoteFile.fitsChecksum(properties)) {
            throw damaged(file, VoteFile.NAME, "changed", "term and vote that fit their checksum");
        }
    }

    /** Of one that is not whole {@link ConfigurationFile#mend} decides; of entries behind a damage nothing is known. */
    private void checkConfiguration() throws IOException, DamagedReplicaException {
        ConfigurationFile configuration = new ConfigurationFile(directory);
        if (configuration.read().isPresent()) {
            return;
        }
        if (configuration.exists() && (mode == Mode.SALVAGE || !configuration.mayBeMended(startIndex))) {
            throw damaged(
                    directory.resolve(ConfigurationFile.NAME), "configuration", "unreadable", "a configuration entry");
        }
        if (!configuration.exists() && startIndex > 0) {
            throw damaged(directory, ConfigurationFile.NAME, "missing", "there, since the log begins at " + startIndex);
        }
    }

    private void readSegments() throws IOException, DamagedReplicaException {
        List<Segment> segments = segments(directory);
        for (int i = 0; i < segments.size(); i++) {
            readSegment(segments.get(i), i == segments.size() - 1);
        }
    }

    /** The files of a log, in its order. */
    static List<Segment> segments(Path directory) {
        List<Segment> segments = new ArrayList<>();
        for (Path file : Directories.list(directory)) {
            Matcher name = SEGMENT.matcher(file.getFileName().toString());
            if (name.matches()) {
                segments.add(
                        name.group(1) != null
                                ? new Segment(file, Long.parseLong(name.group(1)), Segment.OPEN)
                                : new Segment(file, Long.parseLong(name.group(2)), Long.parseLong(name.group(3))));
            }
        }
        segments.sort(Comparator.comparingLong(Segment::startIndex));
        return segments;
    }

    private void readSegment(Segment segment, boolean last) throws IOException, DamagedReplicaException {
        Path file = segment.file();
        if (segment.open() && !last) {
            throw damaged(file, "open segment", "in the middle", "at the end");
        }
        if (startIndex >= 0 && segment.startIndex() != nextIndex) {
            throw damaged(file, "startIndex", segment.startIndex(), nextIndex);
        }
        byte[] bytes = Files.readAllBytes(file);
        if (segment.open() && allZero(bytes, commonPrefix(bytes))) {
            return; // made, but nothing was written yet: Ratis removes it
        }
        if (commonPrefix(bytes) < MAGIC.length) {
            throw damaged(file, "magic", "different", "RaftLog1");
        }
        if (startIndex < 0) {
            startIndex = segment.startIndex();
            nextIndex = startIndex;
        }
        readEntries(segment, bytes);
        if (!segment.open() && nextIndex != segment.endIndex() + 1) {
            throw damaged(file, "endIndex", nextIndex - 1, segment.endIndex());
        }
    }

    private void readEntries(Segment segment, byte[] bytes) throws IOException, DamagedReplicaException {
        int position = MAGIC.length;
        while (position < bytes.length && bytes[position] != 0) {
            int end = entryEnd(bytes, position);
            if (end < 0 || end > bytes.length || !checksumFits(bytes, position, end)) {
                if (mode != Mode.SALVAGE && segment.open() && torn(bytes, position, end)) {
                    if (mode == Mode.OPEN) {
                        cut(segment.file(), position);
                    }
                    return;
                }
                throw damaged(segment.file(), "entry at position " + position, "corrupt", "index " + nextIndex);
            }
            readEntry(segment, bytes, position, end);
            position = end;
        }
        if (!allZero(bytes, position)) {
            throw damaged(segment.file(), "bytes after the last entry", "not zero", "zero");
        }
    }

    private void readEntry(Segment segment, byte[] bytes, int position, int end) throws DamagedReplicaException {
        LogEntryProto entry;
        try {
            int start = position + varintBytes(bytes, position);
            entry = LogEntryProto.parser().parseFrom(bytes, start, end - CHECKSUM_BYTES - start);
        } catch (InvalidProtocolBufferException e) {
            throw damaged(segment.file(), "entry at position " + position, "unreadable", "index " + nextIndex);
        }
        if (entry.getIndex() != nextIndex || entry.getTerm() < lastTerm) {
            throw damaged(
                    segment.file(),
                    "entry at position " + position,
                    "(t:" + entry.getTerm() + ", i:" + entry.getIndex() + ")",
                    "index " + nextIndex + " and a term >= " + lastTerm);
        }
        lastTerm = entry.getTerm();
        nextIndex++;
        visitor.entry(segment, position, end, entry);
        if (entry.hasStateMachineLogEntry()) {
            commands.add(new Entry(
                    entry.getTerm(),
                    entry.getIndex(),
                    entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
        }
    }

    /**
     * A kill in the middle of a write leaves the front of what was written, then zeros, and such an entry was never acknowledged. So a
     * bad entry counts as torn when nothing but zeros follows from a sector's border before its end on; an entry whose bits rotted
     * reaches to its end.
     */
    private static boolean torn(byte[] bytes, int position, int end) {
        int used = bytes.length;
        while (used > position && bytes[used - 1] == 0) {
            used--;
        }
        int border = (used + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
        return end < 0 ? used - position < 5 : border < end;
    }

    /** Takes everything from the position on off the file, durably. */
    static void cut(Path file, int position) throws IOException {
        LOG.warn("log cut off file={} position={}", file, position);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(position);
            channel.force(true);
        }
    }

    /** Where the entry that begins at the position ends, its checksum included; -1 where its length makes no sense. */
    private int entryEnd(byte[] bytes, int position) {
        int width = varintBytes(bytes, position);
        if (width < 0) {
            return -1;
        }
        long length = 0;
        for (int i = width - 1; i >= 0; i--) {
            length = (length << 7) | (bytes[position + i] & 0x7f);
        }
        return length > entryBytesMax ? -1 : (int) (position + width + length + CHECKSUM_BYTES);
    }

    private static int varintBytes(byte[] bytes, int position) {
        for (int width = 1; width <= 5 && position + width <= bytes.length; width++) {
            if (bytes[position + width - 1] >= 0) {
                return width;
            }
        }
        return -1;
    }

    private static boolean checksumFits(byte[] bytes, int position, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, position, end - CHECKSUM_BYTES - position);
        return (int) crc.getValue() == ByteBuffer.wrap(bytes).getInt(end - CHECKSUM_BYTES);
    }

    private static int commonPrefix(byte[] bytes) {
        int length = Math.min(MAGIC.length, bytes.length);
        int mismatch = Arrays.mismatch(bytes, 0, length, MAGIC, 0, length);
        return mismatch < 0 ? length : mismatch;
    }

    private static boolean allZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static DamagedReplicaException damaged(Path file, String name, Object value, Object expected) {
        return new DamagedReplicaException(name + ": " + value + " (expected: " + expected + ") in " + file);
    }
}
