package io.gq.broker;

import io.gq.broker.data.DiskGuard;
import io.gq.broker.host.HostedPartition;
import io.gq.broker.host.HostedPartitions;
import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.metadata.LeaderTable;
import io.gq.broker.metrics.BrokerMetrics;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a node holds and how it stands, looked up when somebody asks. */
final class NodeGauges {

    private NodeGauges() {}

    static void register(
            BrokerMetrics metrics,
            HostedPartitions hosted,
            LeaderTable leaders,
            ImageHolder images,
            LongSupplier storedBytes,
            LongSupplier produceBytesPerS,
            Supplier<@Nullable DiskGuard> disk) {
        metrics.gauge(
                "gq_partitions_hosted",
                "Replicas open on this node",
                Map.of(),
                () -> hosted.all().size());
        metrics.gauge(
                "gq_partitions_led",
                "Partitions this node leads and serves",
                Map.of(),
                () -> hosted.all().stream().filter(HostedPartition::leadsReady).count());
        metrics.gauge(
                "gq_partitions_leaderless",
                "Partitions hosted here that have no leader anybody knows of",
                Map.of(),
                () -> hosted.all().stream()
                        .filter(p -> leaders.leaderOf(p.id()).isEmpty())
                        .count());
        metrics.gauge(
                "gq_partitions_rebuilding",
                "Replicas that are being rebuilt from their peers",
                Map.of(),
                () -> hosted.all().stream().filter(p -> !p.serving()).count());
        metrics.gauge(
                "gq_stored_bytes", "Bytes of record batches on this node's disk", Map.of(), storedBytes::getAsLong);
        metrics.gauge(
                "gq_produce_rate_bytes",
                "Bytes a second of record batches received, over the last seconds; new partitions keep away from it",
                Map.of(),
                produceBytesPerS::getAsLong);
        metrics.gauge("gq_disk_free_bytes", "Free bytes on the disk of data_dir", Map.of(), () -> {
            DiskGuard guard = disk.get();
            return guard == null ? 0 : guard.freeBytes();
        });
        metrics.gauge("gq_disk_refuses", "1 while produce is refused for want of disk space", Map.of(), () -> {
            DiskGuard guard = disk.get();
            return guard != null && guard.full() ? 1 : 0;
        });
        metrics.gauge(
                "gq_image_version",
                "Version of the cluster image",
                Map.of(),
                () -> images.image().version());
    }
}
