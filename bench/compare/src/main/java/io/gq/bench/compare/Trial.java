package io.gq.bench.compare;

import io.gq.bench.load.Driver;
import io.gq.bench.load.Driver.SenderOptions;
import io.gq.bench.load.Load;
import io.gq.bench.load.LoadResult;
import io.gq.bench.load.LoadSpec;
import io.gq.bench.load.LoadWatcher;
import io.gq.bench.load.Payloads;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * One load on one product's topic; several rows may read their figures from the same one.
 *
 * @param topicConfig settings of the topic, in the product's words
 */
record Trial(Shape shape, Map<String, String> topicConfig) {

    private static final long SEED = 1;

    /** What clients do; the same for both products. */
    enum Shape {
        /** 1 KB, batches of 64 KB, linger 5 ms. */
        PRODUCE_1K_64K,
        /** 1 KB, whatever the client does by default. */
        PRODUCE_1K_DEFAULT,
        /** 100 B, whatever the client does by default. */
        PRODUCE_100B_DEFAULT,
        /** 64 producers with a record in flight each, 1 KB, no linger. */
        MANY_PRODUCERS,
        /** 1,000 records a second of 1 KB, no linger, one consumer. */
        LATENCY_1000,
        /** One consumer of 1 KB records, written just before. */
        CONSUME_1K
    }

    /** How long things last and how much there is. */
    record Scale(Duration warmUp, Duration time, long consumeBytes) {}

    /** On a topic made for it, empty at first. */
    LoadResult run(Driver driver, String topic, Scale scale, LoadWatcher watcher) {
        LoadSpec spec = spec(topic, scale);
        return switch (shape) {
            case PRODUCE_1K_64K, PRODUCE_1K_DEFAULT, PRODUCE_100B_DEFAULT, MANY_PRODUCERS ->
                Load.produce(driver, spec, watcher);
            case LATENCY_1000 -> Load.endToEnd(driver, spec, watcher);
            case CONSUME_1K -> {
                Load.fill(driver, spec, scale.consumeBytes());
                yield Load.consume(driver, spec, watcher);
            }
        };
    }

    private LoadSpec spec(String topic, Scale scale) {
        boolean many = shape == Shape.MANY_PRODUCERS;
        return new LoadSpec(
                topic,
                Payloads.generated(shape == Shape.PRODUCE_100B_DEFAULT ? 100 : 1 << 10, new SplittableRandom(SEED)),
                many ? 64 : 1,
                many ? 1 : 0,
                shape == Shape.LATENCY_1000 ? 1000 : 0,
                options(),
                scale.warmUp(),
                scale.time());
    }

    private SenderOptions options() {
        return switch (shape) {
            case PRODUCE_1K_64K, CONSUME_1K ->
                new SenderOptions(OptionalInt.of(64 << 10), Optional.of(Duration.ofMillis(5)));
            case MANY_PRODUCERS, LATENCY_1000 -> new SenderOptions(OptionalInt.empty(), Optional.of(Duration.ZERO));
            case PRODUCE_1K_DEFAULT, PRODUCE_100B_DEFAULT -> SenderOptions.DEFAULTS;
        };
    }
}
