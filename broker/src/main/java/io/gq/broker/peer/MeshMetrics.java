package io.gq.broker.peer;

/** What the mesh and its elections count. Called from their threads. */
public interface MeshMetrics {

    MeshMetrics NONE = new MeshMetrics() {};

    /** A broker was held for dead. */
    default void died(Verdict.Cause cause) {}

    /** A replica here stood for election. */
    default void stood() {}

    /** A replica here was told to stand and could not. */
    default void couldNotStand() {}

    /** A replica here has its turn once more in a group that an election left without a leader. */
    default void decidedAnew() {}

    /** A group of a dead broker has another leader, so long after the death was noticed. */
    default void succeeded(long nanos) {}

    /** A group of a dead broker was left to Raft's own timeouts. */
    default void leftToTimeouts() {}
}
