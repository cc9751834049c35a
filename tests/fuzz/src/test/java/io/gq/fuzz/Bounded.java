package io.gq.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds a target to an amount of memory: no decoder may take more because bytes claim more. */
public final class Bounded {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Bounded() {}

    /** What is held to it. */
    @FunctionalInterface
    public interface Target {
        void run() throws Exception;
    }

    /** Runs the target in this thread; what it throws is passed on. */
    public static void check(long bytesMax, Target target) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            target.run();
        } finally {
            long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (bytes > bytesMax) {
                throw new AssertionError("allocated: " + bytes + " bytes (expected: <= " + bytesMax + ")");
            }
        }
    }
}
