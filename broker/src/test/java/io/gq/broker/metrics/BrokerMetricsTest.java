package io.gq.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.grpc.FrontDoorMetrics;
import io.gq.core.ErrorCode;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class BrokerMetricsTest {

    @Test
    void shouldShowWhatTheFrontDoorCounted() {
        try (BrokerMetrics metrics = new BrokerMetrics("prod", 2)) {
            FrontDoorMetrics door = metrics.frontDoor();
            door.connectionOpened();
            door.connectionOpened();
            door.connectionClosed();
            door.connectionRefused();
            door.produceReceived(100);
            door.produceReceived(50);
            door.produceDone(3_000_000);
            door.producePaused();
            door.fetchDone(700, 40_000_000);
            door.refused(ErrorCode.NOT_LEADER);

            assertThat(metrics.scrape().lines())
                    .contains(
                            "gq_connections{cluster=\"prod\",node=\"2\"} 1.0",
                            "gq_connections_refused_total{cluster=\"prod\",node=\"2\"} 1.0",
                            "gq_produce_batches_total{cluster=\"prod\",node=\"2\"} 2.0",
                            "gq_produce_bytes_total{cluster=\"prod\",node=\"2\"} 150.0",
                            "gq_produce_pauses_total{cluster=\"prod\",node=\"2\"} 1.0",
                            "gq_produce_seconds_bucket{cluster=\"prod\",node=\"2\",le=\"0.002\"} 0",
                            "gq_produce_seconds_bucket{cluster=\"prod\",node=\"2\",le=\"0.005\"} 1",
                            "gq_fetch_bytes_total{cluster=\"prod\",node=\"2\"} 700.0",
                            "gq_fetch_seconds_count{cluster=\"prod\",node=\"2\"} 1",
                            "gq_refused_total{cluster=\"prod\",code=\"NOT_LEADER\",node=\"2\"} 1.0");
        }
    }

    @Test
    void shouldShowTheProcessAndWhatOthersRegister() {
        try (BrokerMetrics metrics = new BrokerMetrics("", 1)) {
            AtomicLong value = new AtomicLong(5);
            metrics.gauge("gq_groups", "Groups hosted", Map.of("role", "leader"), value::get);
            LongConsumer counter = metrics.counter("gq_things", "Things", Map.of());
            counter.accept(3);
            value.set(6);

            assertThat(metrics.scrape())
                    .contains(
                            "jvm_memory_used_bytes",
                            "process_uptime_seconds",
                            "process_files_open_files",
                            "jvm_threads_live")
                    .contains("gq_groups{node=\"1\",role=\"leader\"} 6.0")
                    .contains("gq_things_total{node=\"1\"} 3.0")
                    .contains("# HELP gq_things_total Things");
        }
    }
}
