package io.gq.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeedsTest {

    @Test
    void shouldDrawTheSameWhenTheSeedIsTheSame() {
        assertThat(Seeds.of(3).batch()).isEqualTo(Seeds.of(3).batch());
        assertThat(Seeds.of(3).records(20, 100)).isEqualTo(Seeds.of(3).records(20, 100));
        assertThat(Seeds.of(3).split().bytes(16)).isEqualTo(Seeds.of(3).split().bytes(16));
        assertThat(Seeds.of(3).records(20, 100)).isNotEqualTo(Seeds.of(4).records(20, 100));
    }

    @Test
    void shouldNameTheSeedWhenAPropertyFails() {
        assertThatThrownBy(
                        () -> Seeds.check(10, seeds -> assertThat(seeds.seed()).isLessThan(5)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed=5")
                .hasMessageContaining("-Dgq.seed=5");
    }

    @Test
    void shouldStayWithinItsBounds() {
        Seeds.check(50, seeds -> {
            assertThat(seeds.between(3, 5)).isBetween(3, 5);
            assertThat(seeds.between(Integer.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
            assertThat(seeds.bytes(0, 7).length).isBetween(0, 7);
            assertThat(seeds.word(2, 3)).matches("[a-z]{2,3}");
            assertThat(seeds.pick(1, 2, 3)).isBetween(1, 3);
            assertThat(seeds.oneIn(1)).isTrue();
        });
    }

    @Test
    void shouldMakeValidBatches() {
        Seeds.check(50, seeds -> {
            RecordBatches.checkProduced(seeds.batch(), 1 << 20);
            RecordBatch batch = RecordBatches.checkProduced(seeds.batch(4, 9, (short) 1, 12), 1 << 20);
            assertThat(batch.recordsCount()).isEqualTo(4);
            assertThat(batch.producerId()).isEqualTo(9);
            assertThat(batch.baseSequence()).isEqualTo(12);
        });
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void shouldPackTheRecordsGiven(Compression compression) {
        List<Record> records = Seeds.of(1).records(30, 100);

        ByteBuffer batch = Seeds.batch(compression, records);

        assertThat(RecordBatch.at(batch, 0).records()).containsExactlyElementsOf(records);
    }

    @Test
    void shouldDigestOrderAndBoundaries() {
        assertThat(new StateDigest().update("ab").update("c").value())
                .isNotEqualTo(new StateDigest().update("a").update("bc").value());
        assertThat(new StateDigest().update(1).update(2).value())
                .isNotEqualTo(new StateDigest().update(2).update(1).value());
        assertThat(new StateDigest().update(true).update(ByteBuffer.wrap(new byte[3])))
                .hasToString(new StateDigest().update(1L).update(new byte[3]).toString());
        assertThat(new StateDigest().toString()).matches("[0-9a-f]{16}");
    }
}
