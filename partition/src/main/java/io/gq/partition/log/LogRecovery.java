package io.gq.partition.log;

import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what a directory holds agree with its checkpoint and its Raft log. Up to the checkpoint the entry rows must be there as the
 * checkpoint says. Above it only the Raft log is believed: each entry it names must lie behind the one before, or at the start of a
 * segment that begins at its offset, with the very checksum the log gives, unless the log holds its payload too; its rows, and such payload,
 * are then written anew, also where they are found: after a failed sync the page cache calls clean what the disk does not have. What neither of them names is left over, and goes with the
 * next checkpoint that covers the log's end.
 */
final class LogRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);
    private static final int TRACE_BYTES = 64;

    private final Path directory;
    private final StorageFiles files;
    private final LogConfig config;
    private final LogCheckpoint checkpoint;
    private final TreeMap<SegmentName, LogSegment> unused = new TreeMap<>();
    private final List<LogSegment> opened = new ArrayList<>();
    private final List<LogSegment> live = new ArrayList<>();
    private final List<Uncommitted> uncommitted = new ArrayList<>();
    private final Leftovers leftovers = new Leftovers();
    private long endOffset;

    LogRecovery(Path directory, StorageFiles files, LogConfig config, LogCheckpoint checkpoint) {
        this.directory = directory;
        this.files = files;
        this.config = config;
        this.checkpoint = checkpoint;
    }

    /** What was found. */
    record Recovered(
            LogCheckpoint checkpoint,
            List<LogSegment> segments,
            List<Uncommitted> uncommitted,
            Leftovers leftovers,
            List<LogSegment> staged,
            int nextGeneration,
            long endOffset,
            long purgedIndex) {}

    Recovered recover(List<StoredEntry> tail, long purgedIndex) throws IOException, DamagedReplicaException {
        try {
            return run(tail, purgedIndex);
        } catch (IOException | DamagedReplicaException | RuntimeException e) {
            closeAll(e);
            throw e;
        }
    }

    /** How many entries of the tail are here, up to the first that is not. Writes nothing; nothing stays open. */
    int held(List<StoredEntry> tail) throws IOException, DamagedReplicaException {
        int held;
        try {
            restoreCheckpoint();
            held = places(tail).size();
        } catch (IOException | DamagedReplicaException | RuntimeException e) {
            closeAll(e);
            throw e;
        }
        for (LogSegment segment : opened) {
            segment.close();
        }
        return held;
    }

    private void closeAll(Exception failure) {
        for (LogSegment segment : opened) {
            try {
                segment.close();
            } catch (IOException suppressed) {
                failure.addSuppressed(suppressed);
            }
        }
    }

    private Recovered run(List<StoredEntry> tail, long purgedIndex) throws IOException, DamagedReplicaException {
        int generation = restoreCheckpoint();
        List<LogSegment> staged = new ArrayList<>();
        for (SegmentMark mark : checkpoint.staged()) {
            LogSegment segment = restore(mark, true);
            if (segment == null) {
                break;
            }
            staged.add(segment);
        }
        locate(tail);
        long lastIndex =
                tail.isEmpty() ? checkpoint.index() : tail.get(tail.size() - 1).index();
        setAside(lastIndex);
        return new Recovered(checkpoint, live, uncommitted, leftovers, staged, generation + 1, endOffset, purgedIndex);
    }

    /** Finds what the checkpoint covers; returns the largest generation in the directory. */
    private int restoreCheckpoint() throws IOException, DamagedReplicaException {
        files.createDirectories(directory);
        int generation = findSegments();
        for (SegmentMark mark : checkpoint.segments()) {
            LogSegment segment = restore(mark, mark.endOffset() <= checkpoint.startOffset());
            if (segment != null) {
                check(
                        live.isEmpty()
                                || live.get(live.size() - 1).endOffset()
                                        <= mark.name().baseOffset(),
                        "segment " + mark.name() + " begins below the end of the one before");
                live.add(segment);
            }
        }
        endOffset = checkpoint.highWatermark();
        check(
                live.isEmpty() || live.get(live.size() - 1).endOffset() == endOffset,
                "segments end at another offset than the checkpoint's high watermark " + endOffset);
        check(!live.isEmpty() || checkpoint.startOffset() == endOffset, "no segment is left of " + checkpoint);
        verifyNewest();
        return generation;
    }

    /** Opens every segment in the directory; returns the largest generation. */
    private int findSegments() throws IOException {
        int generation = 0;
        for (Path file : files.list(directory)) {
            SegmentName name = SegmentName.ofFile(file).orElse(null);
            if (name != null && !unused.containsKey(name)) {
                LogSegment segment = new LogSegment(name, directory, files);
                unused.put(name, segment);
                generation = Math.max(generation, name.generation());
            }
        }
        for (LogSegment segment : unused.values()) {
            opened.add(segment);
            segment.openExisting();
        }
        return generation;
    }

    /** Loads the part of a segment that a checkpoint covers; null where it is not there whole but may be missing. */
    private @Nullable LogSegment restore(SegmentMark mark, boolean dispensable)
            throws IOException, DamagedReplicaException {
        LogSegment segment = unused.get(mark.name());
        String trouble = segment == null ? "is missing" : load(segment, mark);
        if (trouble == null) {
            unused.remove(mark.name());
            return segment;
        }
        check(dispensable, "segment " + mark.name() + " " + trouble + " (expected: " + mark + ")");
        return null;
    }

    private static @Nullable String load(LogSegment segment, SegmentMark mark) throws IOException {
        if (!segment.index().hasHeader()) {
            return "has no valid index header";
        }
        if (segment.file().size() < mark.bytes()) {
            return "has " + segment.file().size() + " bytes";
        }
        List<EntryRow> rows = new ArrayList<>();
        segment.index().scan(0, row -> {
            rows.add(row);
            return rows.size() < mark.rows();
        });
        if (rows.size() != mark.rows()) {
            return "has a bad index row " + rows.size();
        }
        EntryRow before = null;
        for (EntryRow row : rows) {
            boolean follows = before == null
                    ? row.position() == 0 && row.baseOffset() == mark.name().baseOffset()
                    : row.position() == before.endPosition()
                            && row.baseOffset() >= before.endOffset()
                            && row.index() > before.index();
            if (!follows || row.length() < 1 || row.endOffset() <= row.baseOffset()) {
                return "has a row that does not follow the one before: " + row;
            }
            before = row;
        }
        if (before == null || before.endPosition() != mark.bytes() || before.endOffset() != mark.endOffset()) {
            return "ends elsewhere: " + before;
        }
        for (EntryRow row : rows) {
            segment.claim(row);
            segment.checkpointed(row);
        }
        return null;
    }

    private void verifyNewest() throws IOException, DamagedReplicaException {
        long left = config.verifyOnOpenBytes();
        for (int s = live.size() - 1; s >= 0; s--) {
            LogSegment segment = live.get(s);
            for (int number = segment.reservedRows() - 1; number >= 0; number--) {
                EntryRow row = segment.index().row(number);
                left -= row.length();
                if (left < 0) {
                    return;
                }
                check(
                        holds(segment, row.position(), row.length(), row.payloadCrc()),
                        "segment " + segment + ": payload of entry " + row.index() + " at " + row.position()
                                + " is damaged");
            }
        }
    }

    /**
     * Finds each entry of the tail. The same entry may lie in several segments, where it was cut and came again, or was written and
     * not yet in the Raft log when the process ended; so first all places are found where it can lie, each with the best way there
     * through those of the entries before it. Of an entry that the Raft log holds whole nothing need lie here; it fits anywhere, but best
     * where it is found.
     */
    private void locate(List<StoredEntry> tail) throws IOException, DamagedReplicaException {
        List<List<Place>> places = places(tail);
        if (places.size() < tail.size()) {
            StoredEntry missing = tail.get(places.size());
            long end =
                    places.isEmpty() ? endOffset : tail.get(places.size() - 1).endOffset();
            check(missing.baseOffset() == end, "the Raft log's " + missing + " does not begin at the log end " + end);
            check(false, "the Raft log's " + missing + " is not on this disk");
        }
        LogSegment[] way = new LogSegment[tail.size()];
        Place at = tail.isEmpty() ? null : best(places.get(tail.size() - 1));
        if (at != null && at.missing > 0) {
            LOG.info("entries taken from the Raft log directory={} entries={}", directory, at.missing);
        }
        for (int i = tail.size() - 1; i >= 0; i--) {
            Place place = Objects.requireNonNull(at);
            way[i] = place.segment;
            at = place.before;
        }
        boolean found = false;
        for (int i = 0; i < way.length; i++) {
            if (unused.remove(way[i].name()) != null) {
                live.add(way[i]);
                way[i].index().writeHeader();
                found = true;
            }
            take(way[i], tail.get(i));
        }
        if (found) {
            files.syncDirectory(directory); // a crash may have come between the segment and its name
        }
    }

    /**
     * Where in a segment an entry lies, behind those of this recovery that come before it there.
     *
     * @param before the place of the entry before it; null for the first
     * @param missing how many on the way, this one included, do not lie where they are to be
     */
    private record Place(
            LogSegment segment,
            long position,
            int length,
            @Nullable Place before,
            int missing) {

        long end() {
            return position + length;
        }
    }

    private static @Nullable Place best(List<Place> places) {
        Place best = null;
        for (Place place : places) {
            if (best == null || place.missing < best.missing) {
                best = place;
            }
        }
        return best;
    }

    /** The places of each entry, up to the first that is nowhere. */
    private List<List<Place>> places(List<StoredEntry> tail) throws IOException {
        List<List<Place>> places = new ArrayList<>();
        List<Place> before = List.of();
        long end = endOffset;
        for (StoredEntry entry : tail) {
            List<Place> found = entry.baseOffset() == end ? places(entry, before, places.isEmpty()) : List.of();
            if (found.isEmpty()) {
                break;
            }
            places.add(found);
            before = found;
            end = entry.endOffset();
        }
        return places;
    }

    private List<Place> places(StoredEntry entry, List<Place> before, boolean first) throws IOException {
        List<Place> found = new ArrayList<>();
        Place best = best(before);
        for (LogSegment segment : unused.subMap(
                        new SegmentName(entry.baseOffset(), 0),
                        true,
                        new SegmentName(entry.baseOffset(), Integer.MAX_VALUE),
                        true)
                .descendingMap()
                .values()) {
            add(found, entry, segment, 0, best);
        }
        if (first && !live.isEmpty()) {
            LogSegment last = live.get(live.size() - 1);
            add(found, entry, last, last.reservedBytes(), null);
        }
        for (Place place : before) {
            add(found, entry, place.segment, place.end(), place);
        }
        return found;
    }

    private void add(List<Place> found, StoredEntry entry, LogSegment segment, long position, @Nullable Place before)
            throws IOException {
        boolean here = holds(segment, position, entry.length(), entry.crc());
        if (here || entry.logged() != null) {
            int missing = (before == null ? 0 : before.missing) + (here ? 0 : 1);
            found.add(new Place(segment, position, entry.length(), before, missing));
        }
    }

    private void take(LogSegment segment, StoredEntry entry) throws IOException {
        long maxTimestampBefore = segment.maxTimestampMs();
        EntryRow row = segment.reserve(entry);
        ByteBuffer logged = entry.logged();
        if (logged == null) {
            segment.recovered(row);
        } else {
            segment.restored(row, logged.duplicate());
        }
        uncommitted.add(new Uncommitted(segment, row, maxTimestampBefore));
        endOffset = entry.endOffset();
    }

    private boolean holds(LogSegment segment, long position, int length, int crc) throws IOException {
        if (segment.file().size() < position + length) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        segment.file().read(bytes, position);
        return bytes.position() == length && Crc.of(bytes.flip()) == crc;
    }

    /** Nothing on this disk is written over: a segment with anything behind its last entry takes no more. */
    private void setAside(long lastIndex) throws IOException {
        for (LogSegment segment : unused.values()) {
            long[] last = {lastIndex};
            segment.index().scan(0, row -> {
                last[0] = Math.max(last[0], row.index());
                return true;
            });
            leftovers.add(segment, last[0]);
            LOG.info("segment left over directory={} segment={} lastIndex={}", directory, segment, last[0]);
        }
        for (int i = 0; i < live.size(); i++) {
            LogSegment segment = live.get(i);
            boolean last = i == live.size() - 1;
            if (!last || tainted(segment)) {
                segment.seal();
                if (segment.file().size() > segment.reservedBytes()) {
                    leftovers.add(segment, lastIndex);
                }
            }
        }
    }

    /** True where anything lies behind the last entry, preallocated zeros excepted. */
    private static boolean tainted(LogSegment segment) throws IOException {
        ByteBuffer behind = ByteBuffer.allocate(TRACE_BYTES);
        segment.file().read(behind, segment.reservedBytes());
        behind.flip();
        while (behind.hasRemaining()) {
            if (behind.get() != 0) {
                return true;
            }
        }
        return segment.index().find(segment.reservedRows()) != null;
    }

    private static void check(boolean condition, String trouble) throws DamagedReplicaException {
        if (!condition) {
            throw new DamagedReplicaException(trouble);
        }
    }
}
