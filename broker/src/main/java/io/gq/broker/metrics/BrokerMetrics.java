package io.gq.broker.metrics;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.grpc.FrontDoorMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;

/**
 * Everything the node counts, in the Prometheus text format. Components count through interfaces of their own or through the three
 * kinds of meter given out here, so that nobody else knows the library. Names begin with {@code gq_}; units stand in the name.
 */
public final class BrokerMetrics implements AutoCloseable {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final FrontDoorMeters frontDoor;

    /** The metrics of a node, labelled as its settings say. */
    public static BrokerMetrics create(BrokerConfig config) {
        return new BrokerMetrics(config.clusterName(), config.nodeId().value());
    }

    /**
     * @param clusterName label of every meter; none where empty
     * @param nodeId label of every meter
     */
    BrokerMetrics(String clusterName, int nodeId) {
        registry.config().commonTags("node", Integer.toString(nodeId));
        if (!clusterName.isEmpty()) {
            registry.config().commonTags("cluster", clusterName);
        }
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        frontDoor = new FrontDoorMeters(this);
    }

    /** What the gRPC front door counts. */
    public FrontDoorMetrics frontDoor() {
        return frontDoor;
    }

    /** Bytes of record batches received so far: the counter {@code gq_produce_bytes}. */
    public long produceBytes() {
        return frontDoor.produceBytes();
    }

    /**
     * A counter that only grows.
     *
     * @param name e.g. {@code gq_produce_bytes}; {@code _total} is added
     * @return adds to it; for any thread
     */
    public LongConsumer counter(String name, String help, Map<String, String> labels) {
        Counter counter =
                Counter.builder(name).description(help).tags(tags(labels)).register(registry);
        return counter::increment;
    }

    /** A value that is asked for when somebody looks. It must not wait. */
    public void gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble)
                .description(help)
                .tags(tags(labels))
                .strongReference(true)
                .register(registry);
    }

    /**
     * Durations, as a histogram from 1 ms to 30 s.
     *
     * @param name without a unit; {@code _seconds} is added
     * @return takes nanoseconds; for any thread
     */
    public LongConsumer timer(String name, String help, Map<String, String> labels) {
        Timer timer = Timer.builder(name)
                .description(help)
                .tags(tags(labels))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** All of it, in the Prometheus text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private static Tags tags(Map<String, String> labels) {
        Tags tags = Tags.empty();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            tags = tags.and(label.getKey(), label.getValue());
        }
        return tags;
    }
}
