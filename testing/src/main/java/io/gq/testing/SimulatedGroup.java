package io.gq.testing;

import io.gq.core.GroupId;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Several replicas of one state machine under a Raft made of method calls: one agreed sequence of entries, delivered at different
 * speeds, with crashes at any write, lost disks caches, leader changes that cut uncommitted tails, snapshots cut short. Everything
 * happens in one thread, drawn from one seed: the same seed, the same run.
 *
 * <p>After every applied entry the replica's digest must equal that of every other replica at the same index, and no disk may be
 * condemned that nobody damaged. A failure names the seed and tells the last events.
 */
public final class SimulatedGroup {

    private static final int EVENTS_KEPT = 80;
    private static final int HEALING_ROUNDS_MAX = 400;

    /** What runs on the replicas, and who uses it. */
    public interface Workload {

        /** A new, unopened machine. Its disk work must go to the disk's executor. */
        StateMachine create(int replica, Disk disk);

        /** The machine is open; {@code group} proposes through this replica as long as it runs. */
        void opened(int replica, StateMachine machine, ReplicatedGroup group);

        /** The replica's process is gone. */
        void crashed(int replica);

        /** Time for clients to do something. */
        void act(RandomGenerator random);

        /** A digest of everything that applied entries made. */
        String digest(StateMachine machine);

        /** Called at the end, when all replicas have applied everything. */
        void finish(List<StateMachine> machines);
    }

    /** What a replica keeps and where it works. */
    public record Disk(StorageFiles files, StateStore store, Executor executor) {}

    /** The simulation found something that must not be. */
    public static final class Failure extends AssertionError {
        private static final long serialVersionUID = 1L;

        Failure(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final long seed;
    private final RandomGenerator random;
    private final Workload workload;
    private final SimulationRules rules;
    private final GroupId id;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Deque<String> events = new ArrayDeque<>();
    private final Map<Long, String> digests = new HashMap<>();
    private final Map<Long, Long> committedTerms = new HashMap<>();
    private long committedIndex = -1;
    private int step;
    private boolean healing;

    public SimulatedGroup(long seed, int replicas, Workload workload) {
        this(seed, replicas, workload, SimulationRules.STRICT);
    }

    public SimulatedGroup(long seed, int replicas, Workload workload, SimulationRules rules) {
        this.seed = seed;
        this.rules = rules;
        this.random = new SplittableRandom(seed);
        this.workload = workload;
        this.id = new GroupId(new UUID(7, seed));
        for (int i = 0; i < replicas; i++) {
            nodes.add(new SimulatedNode(i, new FaultyFiles(random.nextLong())));
        }
    }

    /** Runs so many steps, then lets everything come to rest and compares. */
    public void run(int steps) {
        try {
            for (SimulatedNode node : nodes) {
                guarded(node, () -> start(node));
            }
            for (step = 0; step < steps; step++) {
                act();
                nodes.forEach(this::checkPower);
            }
            heal();
        } catch (Failure e) {
            throw e;
        } catch (Exception | AssertionError e) {
            throw failure("unexpected " + e, e);
        }
    }

    GroupId id() {
        return id;
    }

    SimulatedNode node(int replica) {
        return nodes.get(replica);
    }

    long committedIndex() {
        return committedIndex;
    }

    /** True now and then: a proposal is to meet trouble. */
    boolean misfortune() {
        return !healing && random.nextInt(40) == 0;
    }

    // ---- what may happen in a step

    private void act() throws IOException {
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        int dice = random.nextInt(1000);
        boolean clients = node.up() && (dice < 200 || (dice >= 982 && random.nextInt(3) > 0));
        if (clients) {
            workload.act(random);
        } else {
            guarded(node, () -> act(node, dice));
        }
    }

    private void act(SimulatedNode node, int dice) throws IOException {
        if (!node.up()) {
            if (dice < 400) {
                start(node);
            }
        } else if (dice < 400) {
            runDisk(node);
        } else if (dice < 600) {
            storeLog(node, 1 + random.nextInt(4));
        } else if (dice < 790) {
            replicateFromLeaders(node);
        } else if (dice < 940) {
            apply(node, 1 + random.nextInt(6));
        } else if (dice < 955) {
            checkpoint(node);
        } else if (dice < 982) {
            if (leader() == null || random.nextInt(6) == 0) {
                elect(node);
            }
        } else if (dice < 990) {
            planPowerLoss(node);
        } else if (dice < 993) {
            crash(node, "power lost", true);
        } else if (dice < 996) {
            crash(node, "killed", false);
        } else if (dice < 998) {
            restart(node);
        } else {
            wipe(node);
        }
    }

    private void start(SimulatedNode node) {
        Disk disk = new Disk(node.files, node.store, node.diskWork::add);
        StateMachine machine = workload.create(node.id, disk);
        try {
            LogPosition position = machine.open(node.log.tail());
            if (node.log.termAt(position.index()) != position.term() && position.index() >= 0) {
                node.log.reset(position); // the process ended between installing a snapshot and dropping the log
            }
            node.machine = machine;
            node.commitIndex = position.index();
            note(node, "started at " + position + ", log to " + node.log.last());
            workload.opened(node.id, machine, new SimulatedHandle(this, node, node.incarnation));
        } catch (DamagedReplicaException e) {
            throw failure("node " + node.id + " was condemned, but nobody damaged its disk: " + e.getMessage(), e);
        } catch (IOException e) {
            if (!node.powerLost()) {
                throw failure("node " + node.id + " did not start", e);
            }
            crash(node, "power lost in start", true);
        }
    }

    private void runDisk(SimulatedNode node) {
        Runnable work = node.diskWork.poll();
        if (work != null) {
            work.run();
        }
        checkPower(node);
    }

    private void storeLog(SimulatedNode node, int changes) {
        for (int i = 0; i < changes && node.log.step(); i++) {
            note(node, "log stored to " + node.log.flushedIndex());
        }
        Throwable cause = node.log.failure();
        if (cause != null) {
            if (!node.powerLost()) {
                throw failure("node " + node.id + ": a write failed on a healthy disk: " + cause, cause);
            }
            checkPower(node);
        }
    }

    private void apply(SimulatedNode node, int entries) {
        for (int i = 0; i < entries && node.up() && node.machine().applied().index() < node.commitIndex; i++) {
            long index = node.machine().applied().index() + 1;
            SimulatedLog.Item item = node.log.get(index);
            if (item == null) {
                throw failure("node " + node.id + " lacks committed entry " + index, null);
            }
            Long term = committedTerms.putIfAbsent(index, item.term());
            if (term != null && term != item.term() && !rules.stoppedAreRebuilt()) {
                throw failure("entry " + index + " committed twice: terms " + term + " and " + item.term(), null);
            }
            ByteBuffer command = item.command();
            if (command == null) {
                node.machine().skip(item.position());
                if (node.leader && item.term() == node.term && !node.machineLeads) {
                    node.machineLeads = true;
                    note(node, "leads term " + node.term);
                    node.machine().lead(node.term);
                }
            } else {
                Outcome outcome = node.machine().apply(item.entry(command));
                SimulatedNode.Pending waiting = node.pending.remove(index);
                if (waiting != null) {
                    waiting.future().complete(outcome);
                }
            }
            compare(node);
        }
    }

    private void compare(SimulatedNode node) {
        if (!node.up()) {
            return;
        }
        long index = node.machine().applied().index();
        String digest = workload.digest(node.machine());
        String other = digests.putIfAbsent(index, digest);
        if (other != null && !other.equals(digest)) {
            throw failure("node " + node.id + " differs at index " + index + ":\n  " + digest + "\n  " + other, null);
        }
    }

    private void checkpoint(SimulatedNode node) throws IOException {
        try {
            LogPosition position = node.machine().checkpoint();
            note(node, "checkpoint at " + position);
            if (random.nextInt(3) > 0 && position.index() >= node.log.startIndex()) {
                long upTo = position.index() - random.nextInt(6);
                if (upTo >= node.log.startIndex()) {
                    node.log.purge(new LogPosition(node.log.termAt(upTo), upTo));
                    payloads(node).purged(upTo + 1);
                }
            }
        } catch (IOException e) {
            if (!node.powerLost()) {
                throw e;
            }
            checkPower(node);
        }
    }

    // ---- Raft

    void elect(SimulatedNode candidate) {
        if (!candidate.voter() || candidate.leader) {
            return;
        }
        List<SimulatedNode> reached = nodes.stream()
                .filter(n -> n == candidate || (n.up() && n.voter() && (healing || random.nextInt(10) > 0)))
                .toList();
        long term = 1 + reached.stream().mapToLong(n -> n.term).max().orElseThrow();
        List<SimulatedNode> votes = reached.stream()
                .filter(n -> candidate.log.last().compareTo(n.log.last()) >= 0)
                .toList();
        for (SimulatedNode voter : votes) {
            voter.stepDown(term);
        }
        if (votes.size() <= nodes.size() / 2) {
            return;
        }
        candidate.leader = true;
        candidate.knownLeader = candidate.id;
        candidate.matchIndex.clear();
        long index = candidate.log.last().index() + 1;
        candidate.log.append(new SimulatedLog.Item(term, index, null, null), CompletableFuture.completedFuture(null));
        note(candidate, "elected in term " + term + " at index " + index);
    }

    private void replicateFromLeaders(SimulatedNode follower) {
        for (SimulatedNode leader : nodes) {
            if (leader != follower && leader.up() && leader.leader && follower.up()) {
                replicate(leader, follower);
            }
        }
    }

    private void replicate(SimulatedNode leader, SimulatedNode follower) {
        if (follower.term > leader.term) {
            leader.stepDown(follower.term);
            return;
        }
        if (follower.term < leader.term || follower.knownLeader != leader.id) {
            follower.stepDown(leader.term);
            follower.knownLeader = leader.id;
        }
        long next = nextIndex(leader, follower);
        if (next < 0) {
            install(leader, follower);
            return;
        }
        follower.agreedIndex = Math.max(follower.agreedIndex, next - 1);
        for (int i = random.nextInt(4); i > 0 && leader.log.get(next) != null; i--, next++) {
            SimulatedLog.Item item = leader.log.get(next);
            if (item != null) {
                accept(follower, item);
            }
        }
        long durable = Math.min(follower.agreedIndex, answeredIndex(follower));
        if (follower.voter()) {
            leader.matchIndex.merge(follower.id, durable, Math::max);
        }
        commit(leader);
        follower.commitIndex = Math.max(follower.commitIndex, Math.min(leader.commitIndex, durable));
    }

    /** The first entry the follower lacks; -1 where the leader's log no longer reaches back to where they agree. */
    private static long nextIndex(SimulatedNode leader, SimulatedNode follower) {
        long index = Math.min(leader.log.last().index(), follower.log.last().index());
        while (index >= leader.log.startIndex() - 1 && index >= follower.log.startIndex() - 1) {
            if (leader.log.termAt(index) == follower.log.termAt(index)) {
                return index + 1;
            }
            index--;
        }
        boolean followerCovers = follower.log.startIndex() > leader.log.startIndex();
        return followerCovers ? follower.log.startIndex() : -1;
    }

    private void accept(SimulatedNode follower, SimulatedLog.Item item) {
        if (follower.log.termAt(item.index()) == item.term()) {
            follower.agreedIndex = Math.max(follower.agreedIndex, item.index());
            return;
        }
        if (follower.log.get(item.index()) != null) {
            note(follower, "cut at " + item.index());
            payloads(follower).truncate(item.index());
            follower.failPending(item.index());
            follower.log.truncate(item.index());
        }
        store(follower, item);
        follower.agreedIndex = Math.max(follower.agreedIndex, item.index());
    }

    static void store(SimulatedNode node, SimulatedLog.Item item) {
        ByteBuffer command = item.command();
        ByteBuffer payload = item.payload();
        CompletableFuture<Void> durable = CompletableFuture.completedFuture(null);
        if (command != null && payload != null) {
            PayloadStore payloads = payloads(node);
            durable = payloads.write(item.term(), item.index(), command.asReadOnlyBuffer(), payload.asReadOnlyBuffer());
            node.diskWork.add(() -> {
                CompletableFuture<Void> unused = payloads.flush(item.index());
            });
        }
        node.log.append(item, durable);
    }

    private static PayloadStore payloads(SimulatedNode node) {
        PayloadStore payloads = node.machine().payloads();
        if (payloads == null) {
            throw new IllegalStateException("the machine keeps no payloads");
        }
        return payloads;
    }

    /** Up to where a replica says that it holds the log. */
    private long answeredIndex(SimulatedNode node) {
        return rules.syncedBeforeAnswer()
                ? node.log.flushedIndex()
                : node.log.last().index();
    }

    private void commit(SimulatedNode leader) {
        if (leader.voter()) {
            leader.matchIndex.put(leader.id, answeredIndex(leader));
        }
        for (long index = answeredIndex(leader); index > leader.commitIndex; index--) {
            long at = index;
            long holders =
                    leader.matchIndex.values().stream().filter(m -> m >= at).count();
            if (holders > nodes.size() / 2 && leader.log.termAt(index) == leader.term) {
                leader.commitIndex = index;
                committedIndex = Math.max(committedIndex, index);
                return;
            }
        }
    }

    /** Copies a snapshot from any replica that may give one; now and then the copy breaks off, or a frame is damaged. */
    private void install(SimulatedNode leader, SimulatedNode follower) {
        SimulatedNode source = nodes.get(random.nextInt(nodes.size()));
        if (source == follower || !source.up()) {
            source = leader;
        }
        long position = source.machine().applied().index();
        if (position < leader.log.startIndex() - 1
                || position < follower.log.last().index()) {
            return;
        }
        int framesMax = healing || random.nextInt(3) > 0 ? Integer.MAX_VALUE : random.nextInt(8);
        try (SnapshotReader snapshot = new InterruptedSnapshot(
                source.machine().snapshot(follower.machine().held()), framesMax, random.nextInt(4) == 0, random)) {
            LogPosition installed = follower.machine().install(snapshot);
            note(follower, "installed " + installed + " from node " + source.id);
            if (!healing && random.nextInt(10) == 0) {
                crash(follower, "power lost after install", true);
                return;
            }
            follower.log.reset(installed);
            follower.commitIndex = installed.index();
            payloads(follower).purged(follower.log.startIndex());
            compare(follower);
        } catch (IOException e) {
            if (framesMax == Integer.MAX_VALUE && !follower.powerLost() && !source.powerLost()) {
                throw failure("node " + follower.id + ": install failed", e);
            }
            note(follower, "install broke off: " + e.getMessage());
            checkPower(follower);
            checkPower(source);
        }
    }

    // ---- trouble

    private void planPowerLoss(SimulatedNode node) {
        long in = random.nextLong(1, 13);
        node.files.powerOffAt(in);
        node.powerOffAtOperation = node.files.operations() + in;
    }

    private void checkPower(SimulatedNode node) {
        if (node.powerLost()) {
            crash(node, "power lost in a write", true);
        }
    }

    private void crash(SimulatedNode node, String how, boolean power) {
        note(node, how);
        if (power) {
            node.files.crash();
            node.powerOffAtOperation = Long.MAX_VALUE;
        }
        node.store = node.store.crash(random);
        workload.crashed(node.id);
        node.forgetProcess();
    }

    private void restart(SimulatedNode node) throws IOException {
        note(node, "closed");
        node.machine().close();
        crash(node, "stopped", false);
        start(node);
    }

    /** Its disk is replaced, where the others hold all that is committed; it comes back as a new member. */
    private void wipe(SimulatedNode node) {
        for (SimulatedNode other : nodes) {
            if (other != node && (other.log.flushedIndex() < committedIndex || !other.voter() || !other.up())) {
                return;
            }
        }
        replace(node, "wiped", committedIndex);
    }

    private void replace(SimulatedNode node, String why, long learnerUntil) {
        crash(node, why, false);
        node.files = new FaultyFiles(random.nextLong());
        node.powerOffAtOperation = Long.MAX_VALUE;
        node.store = new MemoryStateStore();
        nodes.forEach(n -> n.matchIndex.remove(node.id));
        node.learnerUntil = learnerUntil;
        node.log.reset(LogPosition.NONE);
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Where stopped replicas are rebuilt, trouble of a replica is its own. */
    private void guarded(SimulatedNode node, Step step) throws IOException {
        if (!rules.stoppedAreRebuilt()) {
            step.run();
            return;
        }
        try {
            step.run();
        } catch (IOException | RuntimeException | Failure e) {
            long held = nodes.stream()
                    .filter(n -> n != node)
                    .mapToLong(n -> n.log.flushedIndex())
                    .max()
                    .orElse(-1);
            replace(node, "stopped itself: " + firstLine(e), Math.min(committedIndex, held));
        }
    }

    /** A failure tells all events: they are not to be told again within one. */
    private static String firstLine(Throwable e) {
        return e.toString().lines().findFirst().orElse("");
    }

    // ---- the end

    private void heal() throws IOException {
        healing = true;
        for (int round = 0; round < HEALING_ROUNDS_MAX; round++) {
            for (SimulatedNode node : nodes) {
                guarded(node, () -> bringUp(node));
            }
            SimulatedNode leader = leader();
            if (leader == null) {
                SimulatedNode candidate = nodes.get(random.nextInt(nodes.size()));
                if (candidate.up()) {
                    elect(candidate);
                }
            } else if (settled(leader)) {
                workload.finish(nodes.stream().map(SimulatedNode::machine).toList());
                return;
            }
        }
        throw failure("the group does not come to rest", null);
    }

    private void bringUp(SimulatedNode node) {
        if (!node.up()) {
            start(node);
        }
        while (node.up() && !node.diskWork.isEmpty()) {
            runDisk(node);
        }
        if (node.up()) {
            storeLog(node, Integer.MAX_VALUE);
        }
        if (node.up()) {
            replicateFromLeaders(node);
            apply(node, Integer.MAX_VALUE);
        }
    }

    private @Nullable SimulatedNode leader() {
        SimulatedNode newest = null;
        for (SimulatedNode node : nodes) {
            if (node.up() && node.leader && (newest == null || node.term > newest.term)) {
                newest = node;
            }
        }
        return newest;
    }

    private boolean settled(SimulatedNode leader) {
        return leader.machineLeads
                && nodes.stream()
                        .allMatch(
                                n -> n.up() && n.machine().applied().equals(leader.log.last()) && n.diskWork.isEmpty());
    }

    void note(SimulatedNode node, String event) {
        if (events.size() == EVENTS_KEPT) {
            events.removeFirst();
        }
        events.addLast("step " + step + ", node " + node.id + ": " + event);
    }

    private Failure failure(String what, @Nullable Throwable cause) {
        return new Failure("seed " + seed + ": " + what + "\n  " + String.join("\n  ", events), cause);
    }
}
