package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.MeshConfig;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import io.gq.proto.v1.Obituary;
import io.gq.testing.ManualClock;
import io.gq.testing.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brokers with an election driver each, over groups that vote as Raft and Ratis do, under one manual clock. Whoever wins is checked: one
 * leader a term, and no log shorter than what a majority holds.
 */
final class ToyCluster {

    static final MeshConfig CONFIG = BrokerConfig.defaults().mesh();

    /** A member of a group: what Ratis keeps of it. */
    static final class Replica {
        long term;
        LogPosition last;

        @Nullable
        NodeId votedFor;

        @Nullable
        NodeId leader;

        Replica(long term, LogPosition last, @Nullable NodeId leader) {
            this.term = term;
            this.last = last;
            this.leader = leader;
        }
    }

    final ManualScheduler scheduler = new ManualScheduler();
    final Map<NodeId, Broker> brokers = new TreeMap<>();
    final Set<NodeId> dead = new HashSet<>();
    final Set<List<NodeId>> cut = new HashSet<>();
    final List<String> stood = new ArrayList<>();
    final Map<String, NodeId> leaderOfTerm = new HashMap<>();
    final Map<GroupId, LogPosition> committed = new HashMap<>();
    Duration delay = Duration.ofMillis(1);
    int decidedAnew;

    ToyCluster(int size) {
        for (int n = 1; n <= size; n++) {
            NodeId node = new NodeId(n);
            brokers.put(node, new Broker(node));
        }
    }

    Broker broker(int n) {
        return brokers.get(new NodeId(n));
    }

    /** A group that the node leads in term 7; each replica's last index as given, in the order of nodes. */
    GroupId group(int leader, long... lastIndexes) {
        GroupId group = new GroupId(new UUID(7919L * (committed.size() + 1), committed.size()));
        List<Long> indexes = new ArrayList<>();
        for (Broker broker : brokers.values()) {
            long index = lastIndexes[indexes.size()];
            indexes.add(index);
            broker.replicas.put(group, new Replica(7, new LogPosition(7, index), new NodeId(leader)));
        }
        indexes.sort(null);
        committed.put(group, new LogPosition(7, indexes.get((indexes.size() - 1) / 2)));
        leaderOfTerm.put(group + " 7", new NodeId(leader));
        return group;
    }

    void kill(int n) {
        dead.add(new NodeId(n));
    }

    void advance(long ms) {
        for (long i = 0; i < ms; i++) {
            scheduler.advance(Duration.ofMillis(1));
        }
        assertThat(scheduler.failures()).isEmpty();
    }

    /** Nothing goes from the one to the other. */
    void cut(int from, int to) {
        cut.add(List.of(new NodeId(from), new NodeId(to)));
    }

    boolean reaches(NodeId from, NodeId to) {
        return !dead.contains(from) && !dead.contains(to) && !cut.contains(List.of(from, to));
    }

    long nanos() {
        return Duration.between(ManualClock.START, scheduler.clock().instant()).toNanos();
    }

    final class Broker implements Electorate {

        final NodeId node;
        final Map<GroupId, Replica> replicas = new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
        final Set<NodeId> heldForDead = new HashSet<>();
        final Set<NodeId> confirmed = new HashSet<>();
        final ElectionDriver driver;
        private final List<Runnable> whenAwake = new ArrayList<>();
        boolean paused;
        boolean diskHangs;
        boolean winsLate;
        boolean neverWins;
        boolean cannotStand;
        final Set<GroupId> putOff = new HashSet<>();

        /** It has not read to their end what dead brokers sent. */
        boolean readsOn;

        int underWay;
        int underWayMax;

        Broker(NodeId node) {
            this.node = node;
            driver = new ElectionDriver(
                    node,
                    CONFIG,
                    this,
                    () -> brokers.keySet().stream()
                            .filter(n -> !n.equals(node) && !heldForDead.contains(n))
                            .collect(Collectors.toSet()),
                    this::post,
                    confirmed::add,
                    this::awake,
                    task -> {
                        if (!diskHangs) {
                            scheduler.after(Duration.ofMillis(2), () -> awake(task));
                        }
                    },
                    scheduler,
                    ToyCluster.this::nanos,
                    new MeshMetrics() {
                        @Override
                        public void decidedAnew() {
                            decidedAnew++;
                        }
                    });
        }

        /** Now, or where the process stands still when it goes on. */
        void awake(Runnable task) {
            if (paused) {
                whenAwake.add(task);
            } else {
                task.run();
            }
        }

        void goOn() {
            paused = false;
            List<Runnable> waiting = List.copyOf(whenAwake);
            whenAwake.clear();
            waiting.forEach(Runnable::run);
        }

        void holdsForDead(int n, Verdict.Cause cause) {
            heldForDead.add(new NodeId(n));
            driver.changed(new Verdict(new NodeId(n), false, cause, 0));
        }

        void hearsAgain(int n) {
            heldForDead.remove(new NodeId(n));
            driver.changed(new Verdict(new NodeId(n), true, Verdict.Cause.HEARD, 0));
        }

        private void post(NodeId to, Obituary obituary) {
            scheduler.after(delay, () -> {
                if (reaches(node, to)) {
                    brokers.get(to).awake(() -> brokers.get(to).driver.heard(node, obituary));
                }
            });
        }

        Replica replica(GroupId group) {
            return Objects.requireNonNull(replicas.get(group));
        }

        @Override
        public Map<GroupId, Orphan> orphans(NodeId of) {
            Map<GroupId, Orphan> orphans = new HashMap<>();
            replicas.keySet().forEach(group -> orphan(group, of).ifPresent(o -> orphans.put(group, o)));
            return orphans;
        }

        @Override
        public boolean hears(NodeId from) {
            return readsOn;
        }

        @Override
        public Optional<Orphan> orphan(GroupId group, NodeId of) {
            Replica r = replica(group);
            return r.leader == null || r.leader.equals(of)
                    ? Optional.of(new Orphan(r.term, r.last, r.leader != null, brokers.keySet()))
                    : Optional.empty();
        }

        @Override
        public boolean led(GroupId group, NodeId of) {
            Replica r = replica(group);
            return r.leader != null && !r.leader.equals(of);
        }

        @Override
        public boolean stand(GroupId group) {
            Replica mine = replica(group);
            if (dead.contains(node)) {
                return false;
            }
            if (cannotStand) {
                throw new IllegalStateException("the term cannot be written");
            }
            stood.add(node + " in " + group);
            underWay++;
            underWayMax = Math.max(underWayMax, underWay);
            mine.term++;
            mine.votedFor = node;
            mine.leader = null;
            long term = mine.term;
            scheduler.after(Duration.ofMillis(winsLate ? 40 : 3), () -> awake(() -> count(group, term)));
            return true;
        }

        @Override
        public void putOff(GroupId group) {
            putOff.add(group);
        }

        private void count(GroupId group, long term) {
            underWay--;
            Replica mine = replica(group);
            if (neverWins || mine.term != term || mine.leader != null) {
                return;
            }
            int votes = 1;
            for (Broker other : brokers.values()) {
                boolean asked =
                        other != this && !other.paused && reaches(node, other.node) && reaches(other.node, node);
                votes += asked && other.votes(group, node, term, mine.last) ? 1 : 0;
            }
            if (votes > brokers.size() / 2) {
                lead(group, mine);
            }
        }

        private boolean votes(GroupId group, NodeId candidate, long term, LogPosition last) {
            Replica mine = replica(group);
            if (term < mine.term || (term == mine.term && mine.votedFor != null && !mine.votedFor.equals(candidate))) {
                return false;
            }
            if (term > mine.term) {
                mine.term = term;
                mine.votedFor = null;
                mine.leader = null;
            }
            boolean granted = mine.last.compareTo(last) <= 0;
            mine.votedFor = granted ? candidate : null;
            return granted;
        }

        private void lead(GroupId group, Replica mine) {
            NodeId other = leaderOfTerm.put(group + " " + mine.term, node);
            assertThat(other).as("leader of %s in term %d", group, mine.term).isIn(null, node);
            assertThat(mine.last).as("log of the leader of %s", group).isGreaterThanOrEqualTo(committed.get(group));
            mine.leader = node;
            mine.last = new LogPosition(mine.term, mine.last.index() + 1);
            for (Broker follower : brokers.values()) {
                Replica theirs = follower.replica(group);
                if (follower != this && reaches(node, follower.node) && theirs.term <= mine.term) {
                    LogPosition last = mine.last;
                    follower.awake(() -> follow(theirs, mine.term, last));
                }
            }
        }

        private void follow(Replica theirs, long term, LogPosition last) {
            if (theirs.term <= term) {
                theirs.term = term;
                theirs.leader = node;
                theirs.last = last;
            }
        }

        /** As a leader that is heard again does: whoever missed its election follows it now. */
        void beatRaft() {
            replicas.forEach((group, mine) -> {
                if (node.equals(mine.leader)) {
                    for (Broker follower : brokers.values()) {
                        Replica theirs = follower.replica(group);
                        if (follower != this && reaches(node, follower.node) && !node.equals(theirs.leader)) {
                            follower.awake(() -> follow(theirs, mine.term, mine.last));
                        }
                    }
                }
            });
        }
    }
}
