package io.gq.testing;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One replica of a {@link SimulatedGroup}: its disk, its Raft state, and the machine while the process runs. */
final class SimulatedNode {

    final int id;
    final SimulatedLog log = new SimulatedLog();
    final Queue<Runnable> diskWork = new ArrayDeque<>();
    final TreeMap<Long, Pending> pending = new TreeMap<>();
    final Map<Integer, Long> matchIndex = new HashMap<>();

    FaultyFiles files;
    MemoryStateStore store = new MemoryStateStore();

    @Nullable
    StateMachine machine;

    int incarnation;
    long powerOffAtOperation = Long.MAX_VALUE;

    long term;
    boolean leader;
    boolean machineLeads;
    int knownLeader = -1;
    long agreedIndex = -1;
    long commitIndex = -1;
    /** Rebuilt from nothing: neither votes nor counts before it holds again what it once held. */
    long learnerUntil = -1;

    SimulatedNode(int id, FaultyFiles files) {
        this.id = id;
        this.files = files;
    }

    /** A proposal that waits for its entry to be applied. */
    record Pending(long term, CompletableFuture<Outcome> future) {}

    boolean up() {
        return machine != null;
    }

    boolean voter() {
        return log.flushedIndex() >= learnerUntil;
    }

    StateMachine machine() {
        StateMachine running = machine;
        if (running == null) {
            throw new IllegalStateException("node " + id + " is down");
        }
        return running;
    }

    /** True where the planned power cut has come. */
    boolean powerLost() {
        return files.operations() >= powerOffAtOperation;
    }

    void stepDown(long newTerm) {
        term = newTerm;
        agreedIndex = -1;
        knownLeader = -1;
        if (leader) {
            leader = false;
            machineLeads = false;
            machine().follow();
            failPending(0);
        }
    }

    /** What was proposed at or after the index is not known to happen or not. */
    void failPending(long fromIndex) {
        List<Pending> failed = new ArrayList<>(pending.tailMap(fromIndex, true).values());
        pending.tailMap(fromIndex, true).clear();
        failed.forEach(p -> p.future.completeExceptionally(
                new BrokerException(ErrorCode.OUTCOME_UNKNOWN, "simulated: the leader is gone")));
    }

    /** The process is gone. */
    void forgetProcess() {
        machine = null;
        incarnation++;
        leader = false;
        machineLeads = false;
        agreedIndex = -1;
        knownLeader = -1;
        commitIndex = -1;
        diskWork.clear();
        log.crash();
        failPending(0);
    }
}
