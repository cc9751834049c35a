package io.gq.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.bench.compare.RowResult.Pair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RowResultTest {

    private static final Row SPEED = row("produce-1k-64k");
    private static final Row P50 = row("latency-1000-publish-p50");
    private static final Row P99 = row("latency-1000-publish-p99");

    @Test
    void shouldFindTheMedian() {
        assertThat(RowResult.median(List.of())).isEmpty();
        assertThat(RowResult.median(List.of(3.0))).isEqualTo(OptionalDouble.of(3));
        assertThat(RowResult.median(List.of(9.0, 1.0, 5.0))).isEqualTo(OptionalDouble.of(5));
        assertThat(RowResult.median(List.of(9.0, 1.0, 5.0, 6.0))).isEqualTo(OptionalDouble.of(5.5));
    }

    @Test
    void shouldTakeTheMedianOfTheRatiosPairByPair() {
        // the machine was twice as slow in the second pair, for both
        RowResult result = result(SPEED, Pair.of(SPEED, 100, 80), Pair.of(SPEED, 50, 40), Pair.of(SPEED, 110, 100));

        assertThat(result.gq()).hasValue(100);
        assertThat(result.peer()).hasValue(80);
        assertThat(result.ratio()).hasValue(1.25);
        assertThat(result.met()).contains(true);
    }

    @Test
    void shouldTurnTheRatioOfLatenciesAround() {
        RowResult result = result(P99, Pair.of(P99, 10, 30));

        assertThat(result.ratio()).hasValue(3);
        assertThat(result.met()).contains(true);
        assertThat(result(P99, Pair.of(P99, 30, 10)).met()).contains(false);
    }

    @Test
    void shouldHoldALimitWhateverThePeerDoes() {
        assertThat(result(P50, Pair.of(P50, 2.9, 1.0)).met()).contains(true);
        assertThat(result(P50, Pair.of(P50, 3.1, 9.0)).met()).contains(false);
    }

    @Test
    void shouldSayWhatWasNotRun() {
        RowResult result = new RowResult(SPEED, List.of(), Optional.of("gq refused the topic: no\nmore"));

        assertThat(result.met()).isEmpty();
        assertThat(result.json())
                .containsEntry("gq", null)
                .containsEntry("ratio", null)
                .containsEntry("target", 1.0)
                .containsEntry("pairs", List.of())
                .containsEntry("reason", "gq refused the topic: no\nmore");
        assertThat(CompareTable.text(List.of(result), "Kafka")).contains("not run: gq refused the topic: no |");
    }

    @Test
    void shouldKeepTheNamesOfTheJson() {
        Map<String, Object> json = result(SPEED, Pair.of(SPEED, 90.12345, 45)).json();

        assertThat(json.keySet())
                .containsExactly("work", "gq", "peer", "ratio", "target", "unit", "pairs", "limit", "met", "reason");
        assertThat(json)
                .containsEntry("work", "produce-1k-64k")
                .containsEntry("gq", 90.123)
                .containsEntry("ratio", 2.003)
                .containsEntry("unit", "MB/s")
                .containsEntry("pairs", List.of(Map.of("gq", 90.123, "peer", 45.0, "ratio", 2.003)));
    }

    @Test
    void shouldNameEachRowOnce() {
        assertThat(Row.ALL.stream().map(Row::work)).doesNotHaveDuplicates();
        assertThat(Row.ALL.stream().filter(row -> row.named("latency-1000"))).hasSize(4);
        assertThat(Row.ALL.stream().filter(row -> row.named("produce-1k-64k"))).hasSize(1);
    }

    private static RowResult result(Row row, Pair... pairs) {
        return new RowResult(row, List.of(pairs), Optional.empty());
    }

    private static Row row(String work) {
        return Row.ALL.stream()
                .filter(row -> row.work().equals(work))
                .findFirst()
                .orElseThrow();
    }
}
