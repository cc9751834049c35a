package io.gq.testing.history;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The final read of one partition, searchable by offset and by value. */
final class FinalLog {

    private final LogDump dump;
    private final long[] offsets;
    private final String[] values;
    private final Map<String, Long> firstOffsets = new HashMap<>();

    FinalLog(LogDump dump) {
        this.dump = dump;
        List<LogDump.Row> rows = dump.rows().stream()
                .sorted(Comparator.comparingLong(LogDump.Row::offset))
                .toList();
        offsets = new long[rows.size()];
        values = new String[rows.size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = rows.get(i).offset();
            values[i] = rows.get(i).value();
            firstOffsets.putIfAbsent(values[i], offsets[i]);
        }
    }

    LogDump dump() {
        return dump;
    }

    int size() {
        return offsets.length;
    }

    long offset(int row) {
        return offsets[row];
    }

    String value(int row) {
        return values[row];
    }

    /** The first row whose offset is not below the given one; {@link #size} where there is none. */
    int rowAtOrAfter(long offset) {
        int found = Arrays.binarySearch(offsets, offset);
        if (found < 0) {
            return -found - 1;
        }
        while (found > 0 && offsets[found - 1] == offset) {
            found--;
        }
        return found;
    }

    @Nullable
    String valueAt(long offset) {
        int row = rowAtOrAfter(offset);
        return row < offsets.length && offsets[row] == offset ? values[row] : null;
    }

    /** Where the value lies first, or null. */
    @Nullable
    Long offsetOf(String value) {
        return firstOffsets.get(value);
    }
}
