package io.gq.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One run.
 *
 * @param kinds what was asked for
 * @param injectUntil no fault begins later than this, from the beginning of the schedule
 * @param dir a directory for this run alone
 * @param recordsPerS written, over all producers
 * @param portOffset added to the ports where brokers share the machine's network
 * @param loopback no network of their own, whatever the machine allows
 * @param skipSyncs the negative control: brokers believe in syncs that were left out
 */
record ChaosPlan(
        List<FaultKind> kinds,
        Schedule schedule,
        Duration injectUntil,
        Path dir,
        int partitions,
        int recordsPerS,
        int portOffset,
        boolean loopback,
        boolean skipSyncs) {
    ChaosPlan {
        kinds = List.copyOf(kinds);
    }
}
