package io.gq.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Processor time of processes, as {@code /proc} tells it. */
final class ProcStat {

    /** Of {@code /proc/PID/stat}; Linux gives it to programs in hundredths of a second on every machine it runs Java on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    private ProcStat() {}

    /** Seconds of all threads of these processes since each began, in the kernel and outside of it. */
    static double cpuSeconds(List<Long> pids) {
        double seconds = 0;
        for (long pid : pids) {
            try {
                seconds += cpuSeconds(Files.readString(Path.of("/proc/" + pid + "/stat")));
            } catch (IOException e) {
                throw new CompareFailure("broker with pid " + pid + " has ended (expected: running)", e);
            }
        }
        return seconds;
    }

    /** Of a line of {@code /proc/PID/stat}. The name of the process stands in parentheses and may hold blanks and parentheses. */
    static double cpuSeconds(String stat) {
        int afterName = stat.lastIndexOf(')') + 2;
        String[] fields = stat.substring(Math.min(afterName, stat.length())).split(" ", -1);
        if (fields.length <= STIME) {
            throw new IllegalArgumentException("stat: '" + stat + "' (expected: at least 15 fields)");
        }
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
    }
}
