package io.gq.bench.load;

/** Told how a workload goes, by the thread that runs it. */
public interface LoadWatcher {

    LoadWatcher NONE = new LoadWatcher() {};

    /** About once a second. */
    default void tick(Progress progress) {}

    /** What is measured begins now. */
    default void opened() {}

    /** What is measured has ended. */
    default void closed() {}

    /**
     * @param seconds since the start, warm-up included
     * @param totalSeconds of the whole run
     * @param recordsPerSecond since the last tick
     */
    record Progress(
            double seconds,
            double totalSeconds,
            boolean warmingUp,
            double recordsPerSecond,
            double megabytesPerSecond) {}
}
