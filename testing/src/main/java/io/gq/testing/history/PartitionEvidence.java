package io.gq.testing.history;

import io.gq.core.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a history says of one partition. */
final class PartitionEvidence {

    final TopicPartition partition;
    final List<Append> appends = new ArrayList<>();
    final Map<String, Append> appendsByValue = new HashMap<>();
    final List<Read> reads = new ArrayList<>();
    final List<EndRead> ends = new ArrayList<>();
    final List<LogDump> replicas = new ArrayList<>();

    @Nullable
    FinalLog finalLog;

    private PartitionEvidence(TopicPartition partition) {
        this.partition = partition;
    }

    /** @throws IllegalArgumentException where two appends have one value, or a partition has two final reads */
    static Map<TopicPartition, PartitionEvidence> sort(History history) {
        Map<TopicPartition, PartitionEvidence> all = new TreeMap<>();
        for (Append append : history.appends()) {
            PartitionEvidence evidence = of(all, append.partition());
            evidence.appends.add(append);
            Append other = evidence.appendsByValue.put(append.value(), append);
            if (other != null) {
                throw new IllegalArgumentException("value: " + append.value() + " (expected: unique), " + other);
            }
        }
        history.reads().forEach(read -> of(all, read.partition()).reads.add(read));
        history.ends().forEach(end -> of(all, end.partition()).ends.add(end));
        for (LogDump dump : history.dumps()) {
            PartitionEvidence evidence = of(all, dump.partition());
            if (!dump.source().equals(LogDump.FINAL)) {
                evidence.replicas.add(dump);
            } else if (evidence.finalLog == null) {
                evidence.finalLog = new FinalLog(dump);
            } else {
                throw new IllegalArgumentException("final reads of " + dump.partition() + ": 2 (expected: 1)");
            }
        }
        return all;
    }

    private static PartitionEvidence of(Map<TopicPartition, PartitionEvidence> all, TopicPartition partition) {
        return all.computeIfAbsent(partition, PartitionEvidence::new);
    }

    List<Append> acknowledged() {
        return appends.stream().filter(a -> a.result() == Append.Result.OK).toList();
    }
}
