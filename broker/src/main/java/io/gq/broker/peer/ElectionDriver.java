package io.gq.broker.peer;

import io.gq.broker.config.MeshConfig;
import io.gq.broker.peer.Succession.Report;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Obituary;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds new leaders for the groups of a broker that died. The survivors tell each other how far their replicas are; where a majority of
 * a group holds its leader for dead, the replica that is furthest stands for election, the next one a stagger later. Raft decides who
 * leads: a wrong guess costs an election, no record.
 *
 * <p>State is touched by the tasks of one executor only; the methods may be called from any thread.
 */
public final class ElectionDriver {

    private static final Logger LOG = LoggerFactory.getLogger(ElectionDriver.class);

    /** After a broken connection what the dead leader sent last may still be on its way into the log: looked at so often, */
    private static final Duration SETTLE_POLL = Duration.ofMillis(5);

    /** and for at most so long. */
    private static final Duration SETTLE_MAX = Duration.ofMillis(300);

    private static final Duration REPEAT = Duration.ofMillis(100);
    /** How long a majority waits for the word of a voter that lives. */
    private static final Duration PATIENCE = Duration.ofMillis(60);

    /** How often a replica waits one stagger more for one that comes before it, lives, and has not won yet. */
    private static final int PATIENT_STAGGERS = 10;

    /**
     * Until so long after a death a group in which it was decided who stands is kept from electing by timeout: on a busy machine the first
     * timeouts pass while elections are still under way, and of two at once both may be lost.
     */
    private static final Duration UNDISTURBED = Duration.ofSeconds(5);

    private static final Duration GIVE_UP = Duration.ofSeconds(10);
    private static final Duration REPORT_VALID = Duration.ofSeconds(1);
    private static final Duration OUTCOME_POLL = Duration.ofMillis(10);
    private static final Duration OUTCOME_WAIT = Duration.ofSeconds(1);

    private record Reports(long atNanos, Map<GroupId, Report> byGroup) {}

    /** @param term in which it was decided that the replica stands */
    private record Standing(GroupId group, NodeId dead, long term) {}

    private record Election(Standing candidate, long sinceNanos) {}

    /**
     * A term of a group.
     *
     * @param atNanos when it was first seen here
     * @param moved since the death: somebody stood
     */
    private record Reached(long term, long atNanos, boolean moved) {}

    /** A broker that this one holds for dead, and the groups it leaves behind. */
    private static final class Death {
        final NodeId node;
        final long sinceNanos;
        /** Terms in which it was decided here who stands when. */
        final Map<GroupId, Long> decided = new HashMap<>();

        final Map<GroupId, Reached> reached = new HashMap<>();
        /** Led by it when it died, and by nobody else since. */
        final Set<GroupId> open = new HashSet<>();

        Map<GroupId, Electorate.Orphan> orphans = Map.of();
        boolean looked;
        long lookedAtNanos;
        boolean confirmed;
        int groups;

        Death(NodeId node, long sinceNanos) {
            this.node = node;
            this.sinceNanos = sinceNanos;
        }
    }

    private final NodeId self;
    private final MeshConfig config;
    private final Electorate electorate;
    private final Supplier<Set<NodeId>> alive;
    private final BiConsumer<NodeId, Obituary> post;
    private final Consumer<NodeId> confirmed;
    private final Executor executor;
    private final Executor disk;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final MeshMetrics metrics;

    private final Map<NodeId, Death> deaths = new HashMap<>();
    private final Map<NodeId, Map<NodeId, Reports>> reportsByDead = new HashMap<>();
    private final Deque<Standing> queue = new ArrayDeque<>();
    private final List<Election> underWay = new ArrayList<>();
    private int standing;
    private boolean watching;

    /**
     * @param alive the other brokers that live, as the mesh sees them
     * @param post sends an obituary to a broker
     * @param confirmed told once of a death that is more than this broker's own impression
     * @param executor runs one task at a time
     * @param disk runs calls that wait for the disk, several at a time
     */
    public ElectionDriver(
            NodeId self,
            MeshConfig config,
            Electorate electorate,
            Supplier<Set<NodeId>> alive,
            BiConsumer<NodeId, Obituary> post,
            Consumer<NodeId> confirmed,
            Executor executor,
            Executor disk,
            Scheduler scheduler,
            LongSupplier nanoClock,
            MeshMetrics metrics) {
        this.self = self;
        this.config = config;
        this.electorate = electorate;
        this.alive = alive;
        this.post = post;
        this.confirmed = confirmed;
        this.executor = executor;
        this.disk = disk;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
        this.metrics = metrics;
    }

    /** The mesh changed its mind about a broker. */
    public void changed(Verdict verdict) {
        executor.execute(() -> {
            if (verdict.alive()) {
                revived(verdict.node());
            } else {
                died(verdict.node(), verdict.cause());
            }
        });
    }

    /** Another broker's word about a third one. */
    public void heard(NodeId from, Obituary obituary) {
        Map<GroupId, Report> reports = Obituaries.reports(obituary);
        NodeId dead = new NodeId(obituary.getDeadNode());
        executor.execute(() -> {
            Map<NodeId, Reports> others = reportsByDead.computeIfAbsent(dead, d -> new HashMap<>());
            if (obituary.getWithdrawn()) {
                others.remove(from);
                return;
            }
            others.put(from, new Reports(nanoClock.getAsLong(), reports));
            Death death = deaths.get(dead);
            if (death != null) {
                confirm(death);
                decide(death);
            }
        });
    }

    private void died(NodeId node, Verdict.Cause cause) {
        metrics.died(cause);
        reportsByDead.values().forEach(others -> others.remove(node));
        Death death = new Death(node, nanoClock.getAsLong());
        deaths.put(node, death);
        if (cause == Verdict.Cause.STALLED) {
            confirm(death); // its own word; and its connections stay, so there is no end of them to wait for
            look(death);
        } else if (cause == Verdict.Cause.SILENT) {
            look(death);
        } else {
            confirm(death);
            settle(death);
        }
    }

    /**
     * Waits until all that the dead leader sent has been read: the connections of a process that is gone end behind the last of it. A
     * position told before that is stale, and who stands on it loses to the one that got the last entries.
     */
    private void settle(Death death) {
        boolean late = nanoClock.getAsLong() - death.sinceNanos >= SETTLE_MAX.toNanos();
        if (late || !electorate.hears(death.node)) {
            look(death);
        } else {
            later(SETTLE_POLL, () -> settle(death));
        }
    }

    private void revived(NodeId node) {
        Death death = deaths.remove(node);
        if (death != null) {
            alive.get().forEach(other -> post.accept(other, Obituaries.withdrawal(node)));
        }
        // Whoever connects late has missed what was said.
        deaths.values().forEach(open -> {
            if (open.looked && !open.open.isEmpty()) {
                post.accept(node, obituary(open));
            }
        });
    }

    /** Reads how the replicas here stand, tells the others, decides, and comes back until every group has a leader. */
    private void look(Death death) {
        if (deaths.get(death.node) != death) {
            return;
        }
        death.orphans = electorate.orphans(death.node);
        death.orphans.forEach((group, orphan) -> {
            Reached reached = death.reached.get(group);
            if (reached == null || reached.term() != orphan.term()) {
                death.reached.put(group, new Reached(orphan.term(), nanoClock.getAsLong(), reached != null));
            }
        });
        if (!death.looked) {
            death.looked = true;
            death.lookedAtNanos = nanoClock.getAsLong();
            death.orphans.forEach((group, orphan) -> {
                if (orphan.led()) {
                    death.open.add(group);
                }
            });
            death.groups = death.open.size();
        }
        death.open.removeIf(group -> {
            boolean led = electorate.led(group, death.node);
            if (led) {
                metrics.succeeded(nanoClock.getAsLong() - death.sinceNanos);
            }
            return led;
        });
        Obituary obituary = obituary(death);
        alive.get().forEach(other -> post.accept(other, obituary));
        Map<NodeId, Reports> others = reportsByDead.getOrDefault(death.node, Map.of());
        if (!others.isEmpty()) {
            confirm(death);
        }
        decide(death);
        long elapsed = nanoClock.getAsLong() - death.sinceNanos;
        if (elapsed < UNDISTURBED.toNanos()) {
            putOffTimeouts(death);
        }
        if (elapsed > GIVE_UP.toNanos() && !death.open.isEmpty()) {
            death.open.forEach(group -> metrics.leftToTimeouts());
            LOG.warn(
                    "groups of a dead broker left to their election timeouts node={} groups={} of={}",
                    death.node,
                    death.open.size(),
                    death.groups);
        } else if (!death.open.isEmpty() || (others.isEmpty() && elapsed <= GIVE_UP.toNanos())) {
            later(REPEAT, () -> look(death));
        } else if (death.groups > 0) {
            LOG.info(
                    "groups of a dead broker have leaders node={} groups={} ms={}",
                    death.node,
                    death.groups,
                    elapsed / 1_000_000);
        }
    }

    private void putOffTimeouts(Death death) {
        long now = nanoClock.getAsLong();
        death.orphans.forEach((group, orphan) -> {
            if (death.open.contains(group) && isDecided(death, group, orphan, now)) {
                electorate.putOff(group);
            }
        });
    }

    private Obituary obituary(Death death) {
        Map<GroupId, Report> reports = new HashMap<>();
        death.orphans.forEach((group, orphan) -> reports.put(group, report(death, group, orphan)));
        return Obituaries.of(death.node, reports);
    }

    /** After an election that was lost nobody follows the dead broker any more, and yet it is its death that is being dealt with. */
    private static Report report(Death death, GroupId group, Electorate.Orphan orphan) {
        return new Report(orphan.term(), orphan.last(), orphan.led() || death.open.contains(group));
    }

    private void confirm(Death death) {
        if (!death.confirmed) {
            death.confirmed = true;
            confirmed.accept(death.node);
        }
    }

    private void decide(Death death) {
        if (!death.looked) {
            return;
        }
        long now = nanoClock.getAsLong();
        Map<NodeId, Reports> others = new HashMap<>(reportsByDead.getOrDefault(death.node, Map.of()));
        others.values().removeIf(reports -> now - reports.atNanos() > REPORT_VALID.toNanos());
        boolean patient = now - death.lookedAtNanos < PATIENCE.toNanos();
        Set<NodeId> unheard = new HashSet<>(alive.get());
        unheard.removeAll(others.keySet());
        death.orphans.forEach((group, orphan) -> {
            if (isDecided(death, group, orphan, now)
                    || (patient && unheard.stream().anyMatch(orphan.voters()::contains))) {
                return;
            }
            Map<NodeId, Report> reports = new HashMap<>();
            reports.put(self, report(death, group, orphan));
            others.forEach((node, said) -> {
                Report report = said.byGroup().get(group);
                if (report != null) {
                    reports.put(node, report);
                }
            });
            OptionalInt place = Succession.place(group, self, orphan.voters(), reports);
            if (place.isPresent()) {
                Reached reached = death.reached.get(group);
                if (reached != null && reached.moved()) {
                    metrics.decidedAnew();
                }
                death.decided.put(group, orphan.term());
                stand(new Standing(group, death.node, orphan.term()), orphan, place.getAsInt());
            }
        });
    }

    /**
     * Whether there is nothing to decide now. An election raises the term: where there is still no leader a stagger later it was lost, by
     * a replica that had told less than others got, and what the survivors tell now decides anew.
     */
    private boolean isDecided(Death death, GroupId group, Electorate.Orphan orphan, long now) {
        Long decided = death.decided.get(group);
        Reached reached = death.reached.get(group);
        boolean electing = reached != null
                && reached.moved()
                && now - reached.atNanos() < config.electionStagger().toNanos();
        return electing || (decided != null && decided == orphan.term());
    }

    private void stand(Standing candidate, Electorate.Orphan seen, int place) {
        if (place == 0) {
            queue.add(candidate);
            standNext();
        } else {
            later(config.electionStagger().multipliedBy(place), () -> standAfter(candidate, seen, PATIENT_STAGGERS));
        }
    }

    /** Stands unless whoever comes first did, won or not: then the term has moved. */
    private void standAfter(Standing candidate, Electorate.Orphan seen, int staggersLeft) {
        Death death = deaths.get(candidate.dead());
        boolean untouched = electorate
                .orphan(candidate.group(), candidate.dead())
                .filter(now -> now.term() == candidate.term())
                .isPresent();
        if (death == null || !untouched) {
            return;
        }
        if (staggersLeft > 0 && anotherGoesFirst(candidate, seen)) {
            // It has other elections under way, or this one: of two that stand at once neither gets a majority of the
            // two.
            later(config.electionStagger(), () -> standAfter(candidate, seen, staggersLeft - 1));
        } else {
            queue.add(candidate);
            standNext();
        }
    }

    /**
     * Whether another replica that is as far goes first, by what its broker said a moment ago: it waits for its turn, or has lost, or has
     * nothing to say of the group because it stands or knows of a leader.
     */
    private boolean anotherGoesFirst(Standing candidate, Electorate.Orphan seen) {
        long now = nanoClock.getAsLong();
        return reportsByDead.getOrDefault(candidate.dead(), Map.of()).entrySet().stream()
                .filter(said -> seen.voters().contains(said.getKey())
                        && now - said.getValue().atNanos() <= REPORT_VALID.toNanos())
                .map(said -> Optional.ofNullable(said.getValue().byGroup().get(candidate.group())))
                .anyMatch(report -> report.isEmpty()
                        || (report.get().term() >= seen.term()
                                && report.get().last().compareTo(seen.last()) >= 0));
    }

    private void standNext() {
        while (standing < config.electionsMax() && !queue.isEmpty()) {
            Standing candidate = queue.remove();
            if (!deaths.containsKey(candidate.dead())) {
                continue;
            }
            standing++;
            disk.execute(() -> {
                boolean stood = standNow(candidate);
                executor.execute(() -> stood(candidate, stood));
            });
        }
    }

    /** Unless somebody stood while the candidate waited for its turn: to stand in the next term would void that election. */
    private boolean standNow(Standing candidate) {
        try {
            return electorate
                            .orphan(candidate.group(), candidate.dead())
                            .filter(now -> now.term() == candidate.term())
                            .isPresent()
                    && electorate.stand(candidate.group());
        } catch (RuntimeException e) {
            LOG.warn("election could not be started group={} cause={}", candidate.group(), e.toString());
            return false;
        }
    }

    private void stood(Standing candidate, boolean stood) {
        if (stood) {
            metrics.stood();
            underWay.add(new Election(candidate, nanoClock.getAsLong()));
            watchOutcomes();
        } else {
            metrics.couldNotStand();
            LOG.info("could not stand for election group={} dead={}", candidate.group(), candidate.dead());
            later(config.electionStagger(), () -> {
                Death death = deaths.get(candidate.dead());
                if (death != null) {
                    death.decided.remove(candidate.group(), candidate.term()); // to be decided anew
                }
            });
            standing--;
            standNext();
        }
    }

    /** Looks at all that are under way at once: a timer for each would cost more than many an election. */
    private void watchOutcomes() {
        if (!watching) {
            watching = true;
            later(OUTCOME_POLL, this::lookAtOutcomes);
        }
    }

    private void lookAtOutcomes() {
        watching = false;
        try {
            long now = nanoClock.getAsLong();
            int before = underWay.size();
            underWay.removeIf(election -> isOver(election, now));
            standing -= before - underWay.size();
            standNext();
        } finally {
            if (!underWay.isEmpty()) {
                watchOutcomes(); // else their slots would be taken for ever
            }
        }
    }

    private boolean isOver(Election election, long now) {
        return now - election.sinceNanos() > OUTCOME_WAIT.toNanos()
                || electorate.led(
                        election.candidate().group(), election.candidate().dead());
    }

    private void later(Duration delay, Runnable task) {
        scheduler.after(delay, () -> executor.execute(task));
    }
}
