package io.gq.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds a target to an amount of memory: no decoder may take more because bytes claim more. */
public final class Bounded {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int RUNS_MAX = 3;

    private Bounded() {}

    /** What is held to it. */
    @FunctionalInterface
    public interface Target {
        void run() throws Exception;
    }

    /**
     * Runs the target in this thread; what it throws is passed on. A target that took too much runs again, since the first time loads
     * classes: it must do the same each time.
     */
    public static void check(long bytesMax, Target target) throws Exception {
        long bytes = Long.MAX_VALUE;
        for (int run = 0; run < RUNS_MAX && bytes > bytesMax; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            target.run();
            bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        if (bytes > bytesMax) {
            throw new AssertionError("allocated: " + bytes + " bytes (expected: <= " + bytesMax + ")");
        }
    }
}
