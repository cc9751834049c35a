package io.gq.cli.drill;

import java.util.ArrayList;
import java.util.List;

/** What the drill's producer sent to each partition and what it was told. Values are numbers that grow with each send. */
final class DrillJournal {

    private final List<List<Acked>> acked = new ArrayList<>();
    private long sent;
    private long refused;
    private long unknown;

    /** A record the cluster promised to keep. */
    record Acked(long value, long offset) {}

    DrillJournal(int partitions) {
        for (int i = 0; i < partitions; i++) {
            acked.add(new ArrayList<>());
        }
    }

    /** A number never given before. */
    synchronized long next() {
        return sent++;
    }

    synchronized void acknowledged(int partition, long value, long offset) {
        acked.get(partition).add(new Acked(value, offset));
    }

    synchronized void refused() {
        refused++;
    }

    synchronized void unknown() {
        unknown++;
    }

    synchronized List<Acked> acked(int partition) {
        return List.copyOf(acked.get(partition));
    }

    synchronized int partitions() {
        return acked.size();
    }

    synchronized long ackedCount() {
        return acked.stream().mapToLong(List::size).sum();
    }

    synchronized long refusedCount() {
        return refused;
    }

    synchronized long unknownCount() {
        return unknown;
    }
}
