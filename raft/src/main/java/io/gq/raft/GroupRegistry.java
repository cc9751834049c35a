package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Remembers which groups were ever created on this disk, so that <i>not made yet</i> is told from <i>made, and its files are gone</i>: a
 * replica that lost its log must not vote under its old name. One small file a group, written before the group's own files.
 *
 * <pre>
 *   (unknown) --CREATING--> files are being made, never voted --CREATED--> may have voted --DELETING--> (unknown)
 *                                      ^                            ^  |
 *                                      |         an operator's word |  | the machine went down
 *                                      '--- made empty --- DISTRUSTED &lt;'  may have forgotten entries it acknowledged
 * </pre>
 *
 * <p>The entry also holds the peers the group was founded with, because Ratis does not keep them before the first entry is applied.
 */
final class GroupRegistry {

    enum State {
        CREATING,
        CREATED,
        DISTRUSTED,
        DELETING
    }

    /** @param founders the voters at the first creation; empty for a replica that joins a group that exists */
    record Entry(State state, List<PeerId> founders) {
        Entry {
            founders = List.copyOf(founders);
        }
    }

    private static final String MAGIC = "gq-group 1 ";

    private final Path directory;

    GroupRegistry(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        Directories.sync(Directories.parent(directory));
    }

    /** The group's entry; empty where the group was never created here. */
    synchronized Optional<Entry> find(GroupId group) throws IOException {
        Path file = file(group);
        return Files.exists(file) ? Optional.of(decode(file)) : Optional.empty();
    }

    synchronized void put(GroupId group, Entry entry) throws IOException {
        Directories.replace(file(group), encode(entry));
    }

    /** Moves a group on from a state; false, and nothing changed, where it is not in that state any more. */
    synchronized boolean move(GroupId group, State from, State to) throws IOException {
        Optional<Entry> known = find(group).filter(entry -> entry.state() == from);
        if (known.isPresent()) {
            put(group, new Entry(to, known.get().founders()));
        }
        return known.isPresent();
    }

    synchronized void remove(GroupId group) throws IOException {
        if (Files.deleteIfExists(file(group))) {
            Directories.sync(directory);
        }
    }

    /** All groups known here, in the order of their ids. */
    synchronized SortedMap<GroupId, Entry> all() throws IOException {
        SortedMap<GroupId, Entry> all = new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
        for (Path file : Directories.list(directory)) {
            String name = file.getFileName().toString();
            if (!name.endsWith(".tmp")) {
                all.put(GroupId.parse(name), decode(file));
            }
        }
        return all;
    }

    private Path file(GroupId group) {
        return directory.resolve(group.toString());
    }

    private static byte[] encode(Entry entry) {
        StringBuilder body = new StringBuilder();
        body.append("state ")
                .append(entry.state().name().toLowerCase(Locale.ROOT))
                .append('\n');
        entry.founders().forEach(peer -> body.append("founder ").append(peer).append('\n'));
        return (MAGIC + checksum(body.toString()) + "\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IOException where the file does not fit its checksum */
    static Entry decode(Path file) throws IOException {
        String text = Files.readString(file);
        int end = text.indexOf('\n');
        String body = text.substring(end + 1);
        if (end < 0 || !text.substring(0, end).equals(MAGIC + checksum(body))) {
            throw new IOException("group registry: " + file + " (expected: " + MAGIC + "and a checksum that fits)");
        }
        try {
            return new Entry(
                    values(body, "state ")
                            .map(state -> State.valueOf(state.toUpperCase(Locale.ROOT)))
                            .findFirst()
                            .orElseThrow(),
                    values(body, "founder ").map(PeerId::parse).toList());
        } catch (IllegalArgumentException | NoSuchElementException e) {
            throw new IOException("group registry: " + file + " (expected: a state and founders): " + e, e);
        }
    }

    private static Stream<String> values(String body, String key) {
        return body.lines().filter(line -> line.startsWith(key)).map(line -> line.substring(key.length()));
    }

    private static String checksum(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
