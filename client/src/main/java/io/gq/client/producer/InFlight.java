package io.gq.client.producer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one partition that are numbered and not answered, in the order of their numbers. One answered out of order keeps
 * its place until those in front of it are answered, so that the span of numbers in flight stays what a partition remembers.
 */
final class InFlight {

    private final Deque<ProducerBatch> batches = new ArrayDeque<>();

    void add(ProducerBatch batch) {
        batches.add(batch);
    }

    void remove(ProducerBatch batch) {
        batches.remove(batch);
    }

    boolean contains(ProducerBatch batch) {
        return batches.contains(batch);
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** From the oldest unanswered batch to the newest one. */
    int span() {
        return batches.size();
    }

    void clear() {
        batches.clear();
    }

    /** The unanswered ones, as they are now. */
    List<ProducerBatch> unanswered() {
        List<ProducerBatch> open = new ArrayList<>(batches.size());
        for (ProducerBatch batch : batches) {
            if (!batch.done) {
                open.add(batch);
            }
        }
        return open;
    }

    /** The oldest unanswered one. */
    @Nullable
    ProducerBatch first() {
        for (ProducerBatch batch : batches) {
            if (!batch.done) {
                return batch;
            }
        }
        return null;
    }

    /** Takes this batch and those behind it out; answers the unanswered ones. */
    List<ProducerBatch> takeFrom(ProducerBatch first) {
        List<ProducerBatch> taken = new ArrayList<>();
        boolean reached = false;
        for (Iterator<ProducerBatch> all = batches.iterator(); all.hasNext(); ) {
            ProducerBatch batch = all.next();
            reached |= batch == first;
            if (reached) {
                all.remove();
                if (!batch.done) {
                    taken.add(batch);
                }
            }
        }
        return taken;
    }

    /** Drops the answered ones in front. */
    void trim() {
        for (ProducerBatch head = batches.peekFirst(); head != null && head.done; head = batches.peekFirst()) {
            batches.removeFirst();
        }
    }
}
