package io.gq.partition.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {

    private static final ProducerState KNOWN =
            new ProducerState((short) 3, List.of(new AppendedBatch(0, 4, 100, 1), new AppendedBatch(5, 5, 105, 2)));

    @Test
    void shouldAcceptOnlySequenceZeroOfAnUnknownProducer() {
        assertThat(SequenceCheck.check(null, (short) 0, 0, 9).accepted()).isTrue();
        assertThat(SequenceCheck.check(null, (short) 0, 1, 9).error()).isEqualTo(ErrorCode.UNKNOWN_PRODUCER_ID);
    }

    @Test
    void shouldAcceptTheNextSequence() {
        assertThat(SequenceCheck.check(KNOWN, (short) 3, 6, 8).accepted()).isTrue();
    }

    @Test
    void shouldNameTheOriginalOfADuplicate() {
        assertThat(SequenceCheck.check(KNOWN, (short) 3, 0, 4).duplicate())
                .isEqualTo(KNOWN.batches().get(0));
        assertThat(SequenceCheck.check(KNOWN, (short) 3, 5, 5).duplicate()).isEqualTo(KNOWN.last());
    }

    @Test
    void shouldRefuseGapsAndOverlaps() {
        for (int base : new int[] {1, 4, 7, Integer.MAX_VALUE}) {
            assertThat(SequenceCheck.check(KNOWN, (short) 3, base, base).error())
                    .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE);
        }
        assertThat(SequenceCheck.check(KNOWN, (short) 3, 0, 3).error()).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void shouldFenceOldEpochsAndBeginNewOnesAtZero() {
        assertThat(SequenceCheck.check(KNOWN, (short) 2, 6, 6).error()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(SequenceCheck.check(KNOWN, (short) 4, 0, 4).accepted()).isTrue();
        assertThat(SequenceCheck.check(KNOWN, (short) 4, 6, 6).error()).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void shouldGoOnAtZeroAfterTheLargestSequence() {
        assertThat(AppendedBatch.lastSequence(Integer.MAX_VALUE - 1, 4)).isEqualTo(1);
        assertThat(AppendedBatch.next(Integer.MAX_VALUE)).isZero();
        ProducerState wrapped =
                new ProducerState((short) 0, List.of(new AppendedBatch(Integer.MAX_VALUE - 1, 1, 0, 0)));
        assertThat(SequenceCheck.check(wrapped, (short) 0, 2, 2).accepted()).isTrue();
    }
}
