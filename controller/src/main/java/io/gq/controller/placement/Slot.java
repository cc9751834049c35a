package io.gq.controller.placement;

import io.gq.core.NodeId;

/** A broker while replicas and leaders are handed out. Not thread-safe. */
final class Slot {

    private final NodeId node;
    private final String rack;
    private final boolean diskFull;
    private final double loadOfReplica;
    private double load;
    private int taken;
    private int leaders;
    private int led;

    /** @param loadOfReplica what a new replica adds to the load */
    Slot(Candidate candidate, double load, double loadOfReplica) {
        this.node = candidate.node();
        this.rack = candidate.rack();
        this.diskFull = candidate.load().diskFull();
        this.load = load;
        this.loadOfReplica = loadOfReplica;
        this.leaders = candidate.leaders();
    }

    NodeId node() {
        return node;
    }

    String rack() {
        return rack;
    }

    boolean diskFull() {
        return diskFull;
    }

    double load() {
        return load;
    }

    /** Replicas of this request. */
    int taken() {
        return taken;
    }

    /** Leaders, those from before this request included. */
    int leaders() {
        return leaders;
    }

    /** Leaders of this request. */
    int led() {
        return led;
    }

    void take() {
        taken++;
        load += loadOfReplica;
    }

    void lead(int change) {
        leaders += change;
        led += change;
    }
}
