package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.cli.drill.DrillJournal.Acked;
import io.gq.cli.drill.DrillVerdict.Row;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrillVerdictTest {

    private final List<Acked> acked = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    @Test
    void shouldBeCleanWhenAllIsThereOnceInOrder() {
        tenRecords();

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(10, 0, 0, 0));
        assertThat(DrillVerdict.of(acked, rows).clean()).isTrue();
    }

    @Test
    void shouldCountLostWhenPromisedRecordIsMissing() {
        tenRecords();
        rows.remove(4);

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(10, 1, 0, 0));
    }

    @Test
    void shouldCountLostWhenRecordLiesElsewhereThanPromised() {
        tenRecords();
        rows.set(4, new Row(40, 4));

        assertThat(DrillVerdict.of(acked, rows).lost()).isEqualTo(1);
    }

    @Test
    void shouldCountDuplicateWhenRecordIsReadTwice() {
        tenRecords();
        rows.add(new Row(10, 3));

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(10, 0, 1, 0));
    }

    @Test
    void shouldCountDuplicateWhenItWasNeverAcknowledged() {
        tenRecords();
        rows.add(new Row(10, 77));
        rows.add(new Row(11, 77));

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(10, 0, 1, 0));
    }

    @Test
    void shouldCountReorderedWhenLaterRecordLiesBefore() {
        acked.add(new Acked(0, 1));
        acked.add(new Acked(1, 0));
        rows.add(new Row(0, 1));
        rows.add(new Row(1, 0));

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(2, 0, 0, 1));
    }

    @Test
    void shouldIgnoreRecordOfUnknownOutcome() {
        tenRecords();
        rows.add(new Row(10, 5_000));
        acked.add(new Acked(10, 11));
        rows.add(new Row(11, 10));

        assertThat(DrillVerdict.of(acked, rows)).isEqualTo(new DrillVerdict(11, 0, 0, 0));
    }

    @Test
    void shouldAddUp() {
        assertThat(new DrillVerdict(1, 2, 3, 4).plus(new DrillVerdict(10, 20, 30, 40)))
                .isEqualTo(new DrillVerdict(11, 22, 33, 44));
        assertThat(new DrillVerdict(1, 0, 0, 1).clean()).isFalse();
    }

    private void tenRecords() {
        for (int i = 0; i < 10; i++) {
            acked.add(new Acked(i, i));
            rows.add(new Row(i, i));
        }
    }
}
