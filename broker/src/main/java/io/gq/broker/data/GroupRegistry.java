package io.gq.broker.data;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups this node ever opened, so that "never had it" is told from "my files are gone". A group is written here, and synced,
 * before its first file is made.
 *
 * <p>An append-only file: a line {@code gq-groups 1}, then records of {@link #RECORD_BYTES} bytes, the later wins. A record that was
 * torn by a crash was never reported as written and is cut off; any other damage refuses the file, because forgetting a group
 * would let an empty replica vote.
 *
 * <p>Safe for use by many threads.
 */
public final class GroupRegistry implements Closeable {

    /** State padded to 10, a blank, the group's UUID, a blank, CRC32C of what stands before it, a line feed. */
    static final int RECORD_BYTES = 10 + 1 + 36 + 1 + 8 + 1;

    private static final Logger log = LoggerFactory.getLogger(GroupRegistry.class);
    private static final String HEADER = "gq-groups 1\n";
    /** The file is written anew when it holds this many records more than groups. */
    private static final int SUPERSEDED_MAX = 1000;

    private final Path file;
    private final Map<GroupId, GroupState> states = new LinkedHashMap<>();
    private FileChannel channel;

    private GroupRegistry(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** @throws BrokerException STORAGE_ERROR where a record in the file is damaged */
    static GroupRegistry open(Path file) throws IOException {
        if (!Files.exists(file)) {
            DurableFiles.replace(file, HEADER);
        }
        GroupRegistry registry = new GroupRegistry(file, channel(file));
        registry.load();
        return registry;
    }

    /** Empty where this node never opened the group (or forgot it after its deletion). */
    public synchronized Optional<GroupState> state(GroupId group) {
        return Optional.ofNullable(states.get(group));
    }

    public synchronized Map<GroupId, GroupState> states() {
        return Map.copyOf(states);
    }

    /** As {@link #put(Collection, GroupState)} for one group. */
    public void put(GroupId group, GroupState state) {
        put(List.of(group), state);
    }

    /**
     * Records the state of groups with one sync; durable when it returns.
     *
     * @throws UncheckedIOException where the disk refused; nothing is recorded then, and the registry takes no more
     */
    public synchronized void put(Collection<GroupId> groups, GroupState state) {
        StringBuilder records = new StringBuilder();
        for (GroupId group : groups) {
            Invariant.check(
                    states.get(group) != GroupState.DELETED || state == GroupState.DELETED,
                    "group %s: %s after DELETED",
                    group,
                    state);
            if (states.get(group) != state) {
                records.append(record(group, state));
            }
        }
        if (records.isEmpty()) {
            return;
        }
        try {
            DurableFiles.writeAll(channel, records.toString());
            channel.force(false);
        } catch (IOException e) {
            close(); // what reached the disk is unknown: a later record must not land behind half a one
            throw new UncheckedIOException(e);
        }
        groups.forEach(group -> states.put(group, state));
    }

    /** Drops deleted groups that no tombstone names any more. Their ids are never given again. */
    public synchronized void forget(Collection<GroupId> groups) {
        boolean changed = false;
        for (GroupId group : groups) {
            changed |= states.remove(group, GroupState.DELETED);
        }
        if (changed) {
            rewrite();
        }
    }

    @Override
    public synchronized void close() {
        try {
            channel.close();
        } catch (IOException e) {
            log.warn("closing failed file={} error={}", file, e.toString());
        }
    }

    private void load() throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (!text.startsWith(HEADER)) {
            throw damaged(0);
        }
        int records = 0;
        int at = HEADER.length();
        for (; at < text.length(); at += RECORD_BYTES) {
            String record = text.substring(at, Math.min(at + RECORD_BYTES, text.length()));
            if (!legal(record)) {
                if ((at + RECORD_BYTES < text.length() && !allZero(text, at)) || !torn(record)) {
                    throw damaged(at);
                }
                log.warn("cut a torn record file={} position={}", file, at);
                channel.truncate(at);
                channel.force(true);
                break;
            }
            states.put(
                    GroupId.parse(record.substring(11, 47)),
                    GroupState.valueOf(record.substring(0, 10).trim()));
            records++;
        }
        if (records - states.size() > SUPERSEDED_MAX) {
            rewrite();
        }
    }

    private void rewrite() {
        StringBuilder text = new StringBuilder(HEADER);
        states.forEach((group, state) -> text.append(record(group, state)));
        try {
            DurableFiles.replace(file, text.toString());
            channel.close();
            channel = channel(file);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private static String record(GroupId group, GroupState state) {
        String body = String.format(Locale.ROOT, "%-10s %s ", state, group);
        return body + DurableFiles.crc(body) + "\n";
    }

    private static boolean legal(String record) {
        return record.length() == RECORD_BYTES
                && record.endsWith("\n")
                && record.substring(48, 56).equals(DurableFiles.crc(record.substring(0, 48)));
    }

    /** Cut short, or (where the file had grown before its bytes arrived) ending in zeros. A whole line that is wrong is damage. */
    private static boolean torn(String record) {
        return record.length() < RECORD_BYTES || record.charAt(RECORD_BYTES - 1) == 0;
    }

    private static boolean allZero(String text, int from) {
        return text.chars().skip(from).allMatch(c -> c == 0);
    }

    private BrokerException damaged(int position) {
        return new BrokerException(
                ErrorCode.STORAGE_ERROR,
                "group registry: " + file + " is damaged at position " + position
                        + " (expected: whole records; wipe the data directory to rejoin as a new member)");
    }
}
