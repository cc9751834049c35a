package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.PayloadExtent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Groups of which this disk may have lost entries that it acknowledged, because they were not synced when the machine went down. Such a
 * replica must not vote with what it still holds: it is dismissed by the others, opened empty, and admitted again. Until then its files
 * stay as they are, and so does the mark, whatever happens to the process. Where a majority is distrusted nobody can dismiss anybody;
 * then an operator's word makes a replica trusted again, with what it still holds whole.
 */
public final class DistrustedGroups {

    private static final Logger LOG = LoggerFactory.getLogger(DistrustedGroups.class);

    private final GroupRegistry registry;
    private final Function<GroupId, Path> directory;
    private final int entryBytesMax;
    private final Set<GroupId> marked = ConcurrentHashMap.newKeySet();

    /** @param directory of a group's files */
    DistrustedGroups(GroupRegistry registry, Function<GroupId, Path> directory, int entryBytesMax) throws IOException {
        this.registry = registry;
        this.directory = directory;
        this.entryBytesMax = entryBytesMax;
        registry.all().forEach((group, entry) -> {
            if (entry.state() == GroupRegistry.State.DISTRUSTED) {
                marked.add(group);
            }
        });
    }

    /**
     * Distrusts every group made here before. Durable when it returns. To be called before any group is opened.
     *
     * @return all groups that are distrusted now
     */
    public Set<GroupId> addAll() {
        try {
            for (Map.Entry<GroupId, GroupRegistry.Entry> known : registry.all().entrySet()) {
                if (known.getValue().state() == GroupRegistry.State.CREATED) {
                    registry.put(
                            known.getKey(),
                            new GroupRegistry.Entry(
                                    GroupRegistry.State.DISTRUSTED,
                                    known.getValue().founders()));
                    marked.add(known.getKey());
                }
            }
            return groups();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a distrusted group holds whole. Changes nothing.
     *
     * @throws BrokerException INVALID_REQUEST where it is not distrusted, REPLICA_DAMAGED where it holds nothing of use, STORAGE_ERROR
     *     where it cannot be read
     */
    public DistrustedHolding holding(GroupId group, PayloadExamination payloads) {
        return examine(group, payloads, (salvage, holding) -> {});
    }

    /**
     * Trusts a group again, with what it holds whole; the rest is cut off its log. To be called only where the entries that may be
     * missing are given up. Durable when it returns; the group may then be opened. After a failure it may be called again.
     *
     * @param expected the last entry it holds
     * @throws BrokerException as {@link #holding}; also INVALID_REQUEST where it holds something else
     */
    public DistrustedHolding trust(GroupId group, LogPosition expected, PayloadExamination payloads) {
        return examine(group, payloads, (salvage, holding) -> {
            if (!holding.last().equals(expected)) {
                throw new BrokerException(
                        ErrorCode.INVALID_REQUEST,
                        "last entry of group " + group + ": " + holding.last() + " (expected: " + expected + ")");
            }
            salvage.cut(expected);
            if (!registry.move(group, GroupRegistry.State.DISTRUSTED, GroupRegistry.State.CREATED)) {
                throw notDistrusted(group);
            }
            LOG.warn("group trusted again group={} last={} endOffset={}", group, expected, holding.endOffset());
        });
    }

    /** What is done with a group that was looked through. */
    private interface Then {
        void run(LogSalvage salvage, DistrustedHolding holding) throws IOException, DamagedReplicaException;
    }

    private synchronized DistrustedHolding examine(GroupId group, PayloadExamination payloads, Then then) {
        if (!distrusted(group)) {
            throw notDistrusted(group);
        }
        try {
            Path current = directory.apply(group).resolve("current");
            LogSalvage salvage = LogSalvage.of(current, entryBytesMax);
            PayloadExtent extent = payloads.examine(group, salvage.tail());
            LogPosition last = extent.endIndex() - 1 <= extent.checkpoint().index()
                    ? extent.checkpoint()
                    : salvage.lastBefore(extent.endIndex()).orElseThrow();
            List<PeerId> voters = salvage.voters(last);
            DistrustedHolding holding = new DistrustedHolding(
                    last,
                    extent.startOffset(),
                    extent.endOffset(),
                    voters.isEmpty() ? registry.find(group).orElseThrow().founders() : voters);
            then.run(salvage, holding);
            return holding;
        } catch (DamagedReplicaException e) {
            throw new BrokerException(ErrorCode.REPLICA_DAMAGED, "group: " + group + ": " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "group: " + group + ": " + e.getMessage(), e);
        }
    }

    private static BrokerException notDistrusted(GroupId group) {
        return new BrokerException(
                ErrorCode.INVALID_REQUEST,
                "group " + group + ": trusted (expected: one that may have forgotten entries)");
    }

    /** The groups that wait to be opened as new members. Reads the disk for each of them. */
    public Set<GroupId> groups() {
        marked.removeIf(group -> !distrusted(group));
        return Set.copyOf(marked);
    }

    private boolean distrusted(GroupId group) {
        try {
            return registry.find(group)
                    .filter(entry -> entry.state() == GroupRegistry.State.DISTRUSTED)
                    .isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
