package io.gq.partition;

/** Told when a look at {@link PartitionStateMachine#leaderTerm} or at the applied state is worthwhile. Must be quick. Any thread. */
public interface LeadershipListener {

    /** This replica began or ceased to lead; the newest answer of {@code leaderTerm} counts. */
    void leadershipChanged();

    /** Entries were applied. */
    void applied();
}
