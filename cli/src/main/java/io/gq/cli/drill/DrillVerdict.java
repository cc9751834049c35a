package io.gq.cli.drill;

import io.gq.cli.drill.DrillJournal.Acked;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a full read says of a journal. One producer sent the values of a partition in growing order.
 *
 * @param acked records the cluster promised to keep
 * @param lost promised, and not read, or read at another offset than promised
 * @param duplicated read a second time
 * @param reordered promised, and read after a larger promised value of the same partition
 */
public record DrillVerdict(long acked, long lost, long duplicated, long reordered) {

    /** One record of the full read. */
    record Row(long offset, long value) {}

    static final DrillVerdict NOTHING = new DrillVerdict(0, 0, 0, 0);

    public boolean clean() {
        return lost == 0 && duplicated == 0 && reordered == 0;
    }

    DrillVerdict plus(DrillVerdict other) {
        return new DrillVerdict(
                acked + other.acked, lost + other.lost, duplicated + other.duplicated, reordered + other.reordered);
    }

    /** @param rows all records of the partition, in the order they were read */
    static DrillVerdict of(List<Acked> acked, List<Row> rows) {
        Map<Long, Long> offsets = new HashMap<>();
        Set<Long> promised = new HashSet<>();
        acked.forEach(record -> promised.add(record.value()));
        long duplicated = 0;
        long reordered = 0;
        long last = -1;
        for (Row row : rows) {
            if (offsets.putIfAbsent(row.value(), row.offset()) != null) {
                duplicated++;
            } else if (promised.contains(row.value())) {
                if (row.value() < last) {
                    reordered++;
                }
                last = Math.max(last, row.value());
            }
        }
        long lost = acked.stream()
                .filter(record -> !Long.valueOf(record.offset()).equals(offsets.get(record.value())))
                .count();
        return new DrillVerdict(acked.size(), lost, duplicated, reordered);
    }
}
