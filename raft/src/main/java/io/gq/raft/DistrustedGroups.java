package io.gq.raft;

import io.gq.core.GroupId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Groups of which this disk may have lost entries that it acknowledged, because they were not synced when the machine went down. Such a
 * replica must not vote with what it still holds: it is dismissed by the others, opened empty, and admitted again. Until then its files
 * stay as they are, and so does the mark, whatever happens to the process.
 */
public final class DistrustedGroups {

    private final GroupRegistry registry;
    private final Set<GroupId> marked = ConcurrentHashMap.newKeySet();

    DistrustedGroups(GroupRegistry registry) throws IOException {
        this.registry = registry;
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
