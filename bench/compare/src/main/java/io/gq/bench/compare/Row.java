package io.gq.bench.compare;

import io.gq.bench.compare.Trial.Shape;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * One line of the table: a figure of two trials.
 *
 * @param work its name
 * @param group a name for several rows that read the same load; {@code --only} knows both
 * @param quick a part of {@code --quick}
 * @param lowerIsBetter latency; the ratio is then the peer's over gq's, so that more is better in every row
 * @param target the least ratio wanted; empty: none
 * @param limit what gq's figure has to stay at or below; empty: none
 */
record Row(
        String work,
        String group,
        boolean quick,
        String unit,
        boolean lowerIsBetter,
        OptionalDouble target,
        OptionalDouble limit,
        Trial gq,
        Trial peer,
        ToDoubleFunction<Measured> figure) {

    private static final Map<String, String> NONE = Map.of();
    private static final Map<String, String> REPLICATED = Map.of("durability", "replicated");
    private static final Map<String, String> FLUSH = Map.of("flush.messages", "1");

    private static final Trial GQ_64K = new Trial(Shape.PRODUCE_1K_64K, NONE);
    private static final Trial LATENCY = new Trial(Shape.LATENCY_1000, NONE);

    /** The table. */
    static final List<Row> ALL = List.of(
            throughput("produce-1k-64k", true, 1.0, GQ_64K, GQ_64K),
            throughput("produce-1k-64k-flush", true, 2.5, GQ_64K, new Trial(Shape.PRODUCE_1K_64K, FLUSH)),
            throughput("produce-1k-64k-replicated", false, 1.3, new Trial(Shape.PRODUCE_1K_64K, REPLICATED), GQ_64K),
            more("cpu-1k-64k", true, "MB/broker-CPU-s", 1.0, GQ_64K, GQ_64K, Measured::megabytesPerBrokerCpuSecond),
            rate("produce-100b-default", false, 1.5, Shape.PRODUCE_100B_DEFAULT),
            rate("produce-1k-default", true, 1.5, Shape.PRODUCE_1K_DEFAULT),
            rate("many-producers", true, 2.0, Shape.MANY_PRODUCERS),
            latency(
                    "publish-p50",
                    OptionalDouble.empty(),
                    OptionalDouble.of(3),
                    m -> m.publish().p50()),
            latency(
                    "publish-p99",
                    OptionalDouble.of(1),
                    OptionalDouble.empty(),
                    m -> m.publish().p99()),
            latency(
                    "e2e-p50",
                    OptionalDouble.empty(),
                    OptionalDouble.of(3),
                    m -> m.endToEnd().p50()),
            latency(
                    "e2e-p99",
                    OptionalDouble.of(1),
                    OptionalDouble.empty(),
                    m -> m.endToEnd().p99()),
            throughput("consume-1k", true, 1.0, new Trial(Shape.CONSUME_1K, NONE), new Trial(Shape.CONSUME_1K, NONE)));

    private static Row throughput(String work, boolean quick, double target, Trial gq, Trial peer) {
        return more(work, quick, "MB/s", target, gq, peer, Measured::megabytesPerSecond);
    }

    private static Row rate(String work, boolean quick, double target, Shape shape) {
        Trial trial = new Trial(shape, NONE);
        return more(work, quick, "records/s", target, trial, trial, Measured::recordsPerSecond);
    }

    private static Row more(
            String work,
            boolean quick,
            String unit,
            double target,
            Trial gq,
            Trial peer,
            ToDoubleFunction<Measured> figure) {
        return new Row(
                work, work, quick, unit, false, OptionalDouble.of(target), OptionalDouble.empty(), gq, peer, figure);
    }

    private static Row latency(
            String what, OptionalDouble target, OptionalDouble limit, ToDoubleFunction<Measured> figure) {
        String group = "latency-1000";
        return new Row(group + "-" + what, group, true, "ms", true, target, limit, LATENCY, LATENCY, figure);
    }

    boolean named(String name) {
        return work.equals(name) || group.equals(name);
    }
}
