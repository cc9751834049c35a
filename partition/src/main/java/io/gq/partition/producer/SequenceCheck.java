package io.gq.partition.producer;

import io.gq.core.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Whether a batch of an idempotent producer is the next one, a repetition, or neither. Pure. */
public final class SequenceCheck {

    private SequenceCheck() {}

    /** The answer: {@code duplicate} and {@code error} are both null where the batch is the next one. */
    public record Verdict(
            @Nullable AppendedBatch duplicate, @Nullable ErrorCode error, String message) {

        private static final Verdict NEXT = new Verdict(null, null, "");

        static Verdict refused(ErrorCode error, String message) {
            return new Verdict(null, error, message);
        }

        public boolean accepted() {
            return duplicate == null && error == null;
        }
    }

    /** @param known what is remembered of the producer; null: nothing */
    public static Verdict check(@Nullable ProducerState known, short epoch, int baseSequence, int lastSequence) {
        if (known == null) {
            return baseSequence == 0
                    ? Verdict.NEXT
                    : Verdict.refused(
                            ErrorCode.UNKNOWN_PRODUCER_ID,
                            "baseSequence: " + baseSequence + " of a producer not known here (expected: 0)");
        }
        if (epoch < known.epoch()) {
            return Verdict.refused(
                    ErrorCode.PRODUCER_FENCED, "producerEpoch: " + epoch + " (expected: >= " + known.epoch() + ")");
        }
        if (epoch > known.epoch()) {
            return baseSequence == 0 ? Verdict.NEXT : outOfOrder(baseSequence, 0);
        }
        for (AppendedBatch batch : known.batches()) {
            if (batch.baseSequence() == baseSequence && batch.lastSequence() == lastSequence) {
                return new Verdict(batch, null, "");
            }
        }
        int expected = AppendedBatch.next(known.last().lastSequence());
        return baseSequence == expected ? Verdict.NEXT : outOfOrder(baseSequence, expected);
    }

    private static Verdict outOfOrder(int baseSequence, int expected) {
        return Verdict.refused(
                ErrorCode.OUT_OF_ORDER_SEQUENCE, "baseSequence: " + baseSequence + " (expected: " + expected + ")");
    }
}
