package io.gq.raft;

import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.jspecify.annotations.Nullable;

/**
 * What is whole of a group's Raft log after its machine went down before everything was synced, and the cut that makes it a log again.
 * Term, vote and configuration are always synced; of the entries, any may be missing.
 */
final class LogSalvage {

    /** @param end in the file, of the entry with its checksum */
    private record Place(
            RaftLogFiles.Segment segment,
            int position,
            int end,
            LogPosition entry,
            @Nullable RaftConfigurationProto configuration) {}

    private final Path directory;
    private final List<Place> places = new ArrayList<>();
    private final LogTail tail;

    private LogSalvage(Path directory, int entryBytesMax) throws IOException, DamagedReplicaException {
        this.directory = directory;
        this.tail = RaftLogFiles.readWhole(directory, entryBytesMax, this::found);
    }

    /**
     * Looks, and changes nothing.
     *
     * @param directory the group's {@code current} directory
     * @throws DamagedReplicaException where term, vote or configuration are not whole
     */
    static LogSalvage of(Path directory, int entryBytesMax) throws IOException, DamagedReplicaException {
        return new LogSalvage(directory, entryBytesMax);
    }

    private void found(RaftLogFiles.Segment segment, int position, int end, LogEntryProto entry) {
        places.add(new Place(
                segment,
                position,
                end,
                new LogPosition(entry.getTerm(), entry.getIndex()),
                entry.hasConfigurationEntry() ? entry.getConfigurationEntry() : null));
    }

    /** What is whole. */
    LogTail tail() {
        return tail;
    }

    /** The last entry before the index, where it is in the log. */
    Optional<LogPosition> lastBefore(long endIndex) {
        return Optional.ofNullable(placeOf(endIndex - 1)).map(Place::entry);
    }

    /**
     * Who votes once the log ends with this entry, as in {@link #cut}.
     *
     * @return empty where no configuration is known
     */
    List<PeerId> voters(LogPosition last) throws IOException {
        RaftConfigurationProto inForce = null;
        long index = -1;
        for (Place place : places) {
            if (place.configuration() != null && place.entry().index() <= last.index()) {
                inForce = place.configuration();
                index = place.entry().index();
            }
        }
        LogEntryProto committed = new ConfigurationFile(directory).read().orElse(null);
        if (committed != null && committed.getIndex() > index) {
            inForce = committed.getConfigurationEntry();
        }
        return inForce == null
                ? List.of()
                : inForce.getPeersList().stream()
                        .map(peer -> PeerId.parse(peer.getId().toStringUtf8()))
                        .toList();
    }

    private @Nullable Place placeOf(long index) {
        long number = index - tail.startIndex();
        return number < 0 || number >= places.size() ? null : places.get((int) number);
    }

    /**
     * Takes everything from the index on off the log, durably. After a crash in the middle it is to be done again.
     *
     * @param last the last entry that stays, or the checkpoint where none does
     * @throws DamagedReplicaException where the configuration in force would get lost; nothing was changed
     */
    void cut(LogPosition last) throws IOException, DamagedReplicaException {
        Optional<LogEntryProto> moved = movedConfiguration(last);
        List<RaftLogFiles.Segment> files = new ArrayList<>(RaftLogFiles.segments(directory));
        Collections.reverse(files);
        for (RaftLogFiles.Segment file : files) {
            Place kept = lastPlace(file, last.index());
            if (kept == null) {
                Files.delete(file.file());
            } else if (file.open()) {
                RaftLogFiles.cut(file.file(), kept.end());
            } else if (kept.entry().index() < file.endIndex()) {
                RaftLogFiles.cut(file.file(), kept.end());
                Files.move(
                        file.file(),
                        directory.resolve("log_inprogress_" + file.startIndex()),
                        StandardCopyOption.ATOMIC_MOVE);
            }
        }
        if (moved.isPresent()) {
            new ConfigurationFile(directory).forgetKept();
            Directories.replace(
                    directory.resolve(ConfigurationFile.NAME), moved.get().toByteArray());
            new ConfigurationFile(directory).forgetOfSnapshot(); // not before: it may be what was moved
        }
        Directories.sync(directory);
    }

    private @Nullable Place lastPlace(RaftLogFiles.Segment file, long lastIndex) {
        Place last = null;
        for (Place place : places) {
            if (place.segment().equals(file) && place.entry().index() <= lastIndex) {
                last = place;
            }
        }
        return last;
    }

    /**
     * A committed configuration is synced, its entry perhaps not. It stays in force, but as of the last entry: at its old index it would
     * hide those that will be made before the log is so long again. Empty where the file may stay as it is.
     */
    private Optional<LogEntryProto> movedConfiguration(LogPosition last) throws IOException, DamagedReplicaException {
        LogEntryProto committed = new ConfigurationFile(directory)
                .read()
                .filter(c -> c.getIndex() > last.index())
                .orElse(null);
        if (committed == null) {
            return Optional.empty();
        }
        Place end = placeOf(last.index());
        RaftConfigurationProto own = end == null ? null : end.configuration();
        if (own != null && !own.equals(committed.getConfigurationEntry())) {
            throw new DamagedReplicaException("configuration of index " + committed.getIndex()
                    + ": its entry is gone (expected: one that can take the place of the one of the last entry " + last
                    + ")");
        }
        return Optional.of(committed.toBuilder()
                .setTerm(last.term())
                .setIndex(Math.max(0, last.index()))
                .build());
    }
}
