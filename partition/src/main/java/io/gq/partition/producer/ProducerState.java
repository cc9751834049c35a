package io.gq.partition.producer;

import java.util.ArrayList;
import java.util.List;

/**
 * What is remembered of one producer.
 *
 * @param batches its last ones, oldest first: at least one, at most {@value #BATCHES_MAX}
 */
public record ProducerState(short epoch, List<AppendedBatch> batches) {

    /** Producers may have this many batches in flight and still repeat any of them. */
    public static final int BATCHES_MAX = 16;

    public ProducerState {
        batches = List.copyOf(batches);
        if (batches.isEmpty() || batches.size() > BATCHES_MAX) {
            throw new IllegalArgumentException("batches: " + batches.size() + " (expected: 1 to " + BATCHES_MAX + ")");
        }
    }

    public AppendedBatch last() {
        return batches.get(batches.size() - 1);
    }

    /** With one batch more; a new epoch begins with it alone. */
    public ProducerState with(short batchEpoch, AppendedBatch batch) {
        if (batchEpoch != epoch) {
            return new ProducerState(batchEpoch, List.of(batch));
        }
        List<AppendedBatch> more = new ArrayList<>(batches);
        if (more.size() == BATCHES_MAX) {
            more.remove(0);
        }
        more.add(batch);
        return new ProducerState(epoch, more);
    }
}
