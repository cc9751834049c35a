package io.gq.broker.host;

import io.gq.broker.peer.Electorate;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.raft.RaftHost;
import io.gq.raft.RatisGroup;
import io.gq.raft.Standing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The replicas of all Raft servers of this node: partitions and the controller group. */
public final class HostElectorate implements Electorate {

    private final List<RaftHost> hosts;

    public HostElectorate(NodeHost host) {
        this.hosts = host.rafts();
    }

    @Override
    public Map<GroupId, Orphan> orphans(NodeId dead) {
        Map<GroupId, Orphan> orphans = new HashMap<>();
        for (RaftHost host : hosts) {
            for (GroupId group : host.groups()) {
                host.group(group).flatMap(g -> orphan(g, dead)).ifPresent(orphan -> orphans.put(group, orphan));
            }
        }
        return orphans;
    }

    /** When the last append of the node came in: a leader whose appends come in lives, or did a moment ago. */
    public OptionalLong lastAppendNanos(NodeId from) {
        return hosts.stream()
                .map(host -> host.lastAppendNanos(from))
                .flatMapToLong(OptionalLong::stream)
                .max();
    }

    @Override
    public boolean hears(NodeId from) {
        return hosts.stream().anyMatch(host -> host.hears(from));
    }

    @Override
    public Optional<Orphan> orphan(GroupId group, NodeId dead) {
        return find(group).flatMap(g -> orphan(g, dead));
    }

    private static Optional<Orphan> orphan(RatisGroup group, NodeId dead) {
        return group.standing()
                .filter(s -> s.leader().map(dead::equals).orElse(s.voters().contains(dead)))
                .map(HostElectorate::orphan);
    }

    private static Orphan orphan(Standing standing) {
        return new Orphan(standing.term(), standing.last(), standing.leader().isPresent(), standing.voters());
    }

    @Override
    public boolean stand(GroupId group) {
        return find(group).map(RatisGroup::startElection).orElse(false);
    }

    @Override
    public void putOff(GroupId group) {
        find(group).ifPresent(RatisGroup::putOffElection);
    }

    @Override
    public boolean led(GroupId group, NodeId dead) {
        return find(group)
                .map(g -> g.leadership()
                        .leader()
                        .filter(leader -> !leader.equals(dead))
                        .isPresent())
                .orElse(true);
    }

    private Optional<RatisGroup> find(GroupId group) {
        return hosts.stream().flatMap(host -> host.group(group).stream()).findFirst();
    }
}
