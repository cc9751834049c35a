package io.gq.broker.metadata;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Who leads which group, as the brokers say of themselves: soft state, rebuilt from heartbeats within moments. The claim with the
 * highest term wins; a claim is dropped when its broker stops making it or falls silent. Safe for use by many threads.
 */
public final class LeaderTable {

    /** @param term Raft term of the group in which the node leads */
    public record Leader(NodeId node, long term) {}

    private final ConcurrentHashMap<GroupId, Leader> leaders = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    public Optional<Leader> leaderOf(GroupId group) {
        return Optional.ofNullable(leaders.get(group));
    }

    /** Takes all claims of one broker: groups it no longer names are leaderless unless another broker claimed them. */
    public void claims(NodeId node, Map<GroupId, Long> ledTerms) {
        boolean changed =
                leaders.entrySet().removeIf(e -> e.getValue().node().equals(node) && !ledTerms.containsKey(e.getKey()));
        for (Map.Entry<GroupId, Long> claim : ledTerms.entrySet()) {
            changed |= claim(node, claim.getKey(), claim.getValue());
        }
        if (changed) {
            listeners.forEach(Runnable::run);
        }
    }

    /** The broker is silent or stopping: nothing it claimed counts any more. */
    public void silent(NodeId node) {
        claims(node, Map.of());
    }

    /** The groups are gone. */
    public void forget(Set<GroupId> groups) {
        leaders.keySet().removeAll(groups);
    }

    /** How many of the groups asked about the node leads. */
    public long ledBy(NodeId node, Predicate<GroupId> about) {
        return leaders.entrySet().stream()
                .filter(e -> e.getValue().node().equals(node) && about.test(e.getKey()))
                .count();
    }

    /** Calls back, on the thread that brought the news, after every change. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    private boolean claim(NodeId node, GroupId group, long term) {
        Leader claim = new Leader(node, term);
        Leader before = leaders.get(group);
        Leader after = leaders.merge(group, claim, (known, news) -> known.term() <= news.term() ? news : known);
        return !after.equals(before);
    }
}
