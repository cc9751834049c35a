package io.gq.broker.metrics;

import io.gq.broker.grpc.FrontDoorMetrics;
import io.gq.core.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/** The front door's counters as meters. */
final class FrontDoorMeters implements FrontDoorMetrics {

    private final AtomicInteger connections = new AtomicInteger();
    private final LongConsumer connectionsRefused;
    private final LongConsumer produceBatches;
    private final LongConsumer produceBytes;
    private final LongAdder produceBytesTotal = new LongAdder();
    private final LongConsumer producePauses;
    private final LongConsumer produceTime;
    private final LongConsumer fetchBytes;
    private final LongConsumer fetchTime;
    private final Map<ErrorCode, LongConsumer> refused = new EnumMap<>(ErrorCode.class);

    FrontDoorMeters(BrokerMetrics metrics) {
        metrics.gauge("gq_connections", "Open gRPC connections", Map.of(), connections::get);
        connectionsRefused = metrics.counter(
                "gq_connections_refused", "Connections closed because of server.connections_max", Map.of());
        produceBatches = metrics.counter("gq_produce_batches", "Record batches received", Map.of());
        produceBytes = metrics.counter("gq_produce_bytes", "Bytes of record batches received", Map.of());
        producePauses = metrics.counter(
                "gq_produce_pauses", "Times reading from a produce stream paused for a byte budget", Map.of());
        produceTime = metrics.timer("gq_produce", "From a batch's arrival to its commit", Map.of());
        fetchBytes = metrics.counter("gq_fetch_bytes", "Bytes of record batches sent to consumers", Map.of());
        fetchTime = metrics.timer("gq_fetch", "From a fetch's arrival to its answer, its wait included", Map.of());
        for (ErrorCode code : ErrorCode.values()) {
            refused.put(
                    code,
                    metrics.counter("gq_refused", "Calls and parts of calls refused", Map.of("code", code.name())));
        }
    }

    @Override
    public void connectionOpened() {
        connections.incrementAndGet();
    }

    @Override
    public void connectionClosed() {
        connections.decrementAndGet();
    }

    @Override
    public void connectionRefused() {
        connectionsRefused.accept(1);
    }

    @Override
    public void produceReceived(int bytes) {
        produceBatches.accept(1);
        produceBytes.accept(bytes);
        produceBytesTotal.add(bytes);
    }

    long produceBytes() {
        return produceBytesTotal.sum();
    }

    @Override
    public void produceDone(long nanos) {
        produceTime.accept(nanos);
    }

    @Override
    public void producePaused() {
        producePauses.accept(1);
    }

    @Override
    public void fetchDone(long bytes, long nanos) {
        fetchBytes.accept(bytes);
        fetchTime.accept(nanos);
    }

    @Override
    public void refused(ErrorCode code) {
        LongConsumer counter = refused.get(code);
        if (counter != null) {
            counter.accept(1);
        }
    }
}
