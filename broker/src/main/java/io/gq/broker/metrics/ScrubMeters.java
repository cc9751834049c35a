package io.gq.broker.metrics;

import io.gq.broker.scrub.ScrubMetrics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** What the scrub counts, as meters. */
public final class ScrubMeters implements ScrubMetrics {

    private static final double MS_PER_S = 1000;

    private final LongConsumer bytes;
    private final LongConsumer damage;
    private final LongConsumer rounds;
    private final AtomicLong roundBytes = new AtomicLong();
    private final AtomicLong roundBytesExpected = new AtomicLong();
    private final AtomicLong completedMs = new AtomicLong();

    public ScrubMeters(BrokerMetrics metrics) {
        bytes = metrics.counter("gq_scrub_bytes", "Bytes read again in the background and verified", Map.of());
        damage = metrics.counter("gq_scrub_damage", "Places found that are not as they were written", Map.of());
        rounds = metrics.counter("gq_scrub_rounds", "Complete rounds through all replicas of this node", Map.of());
        metrics.gauge("gq_scrub_round_bytes", "Bytes verified in this round", Map.of(), roundBytes::get);
        metrics.gauge(
                "gq_scrub_round_bytes_expected",
                "Bytes of record batches there were when this round began",
                Map.of(),
                roundBytesExpected::get);
        metrics.gauge(
                "gq_scrub_last_round_timestamp_seconds",
                "When the last complete round ended, in seconds since 1970; 0: none since the start",
                Map.of(),
                () -> completedMs.get() / MS_PER_S);
    }

    @Override
    public void begun(long expectedBytes) {
        roundBytes.set(0);
        roundBytesExpected.set(expectedBytes);
    }

    @Override
    public void read(long byteCount) {
        bytes.accept(byteCount);
        roundBytes.addAndGet(byteCount);
    }

    @Override
    public void damaged() {
        damage.accept(1);
    }

    @Override
    public void completed(long timeMs) {
        rounds.accept(1);
        completedMs.set(timeMs);
    }
}
