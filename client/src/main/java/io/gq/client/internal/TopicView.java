package io.gq.client.internal;

import com.google.protobuf.ByteString;
import io.gq.core.ByteSize;
import io.gq.core.record.Compression;
import io.gq.proto.v1.TopicInfo;
import io.gq.proto.v1.TopicRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the client knows of one topic. The index of a partition in the list is its number. */
public record TopicView(String name, ByteString id, List<PartitionView> partitions, Map<String, String> config) {

    public TopicView {
        partitions = List.copyOf(partitions);
        config = Map.copyOf(config);
    }

    static TopicView of(TopicInfo info) {
        PartitionView[] partitions = new PartitionView[info.getPartitionsCount()];
        info.getPartitionsList().forEach(p -> {
            if (p.getPartition() >= 0 && p.getPartition() < partitions.length) {
                partitions[p.getPartition()] = new PartitionView(
                        p.getLeader(),
                        p.getLeaderTerm(),
                        p.getReplicasList(),
                        p.hasError() ? Errors.fromWire(p.getError()) : null);
            }
        });
        List<PartitionView> known = new ArrayList<>();
        for (@Nullable PartitionView p : partitions) {
            known.add(p == null ? new PartitionView(0, 0, List.of()) : p);
        }
        return new TopicView(info.getName(), info.getId(), known, info.getConfigMap());
    }

    /** How requests name the topic. */
    public TopicRef ref() {
        return TopicRef.newBuilder().setName(name).setId(id).build();
    }

    /** A number of bytes among the topic's settings, or the other value where it is absent or something else. */
    public int bytesSetting(String key, int otherwise) {
        String value = config.get(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return (int) Math.min(Integer.MAX_VALUE, ByteSize.parse(value).bytes());
        } catch (IllegalArgumentException e) {
            return otherwise;
        }
    }

    /** The compression the topic asks of producers; none where it leaves that to them or names one this client does not know. */
    public Compression compression() {
        String value = config.get("compression_type");
        return value == null || value.equals("producer")
                ? Compression.NONE
                : Compression.named(value).orElse(Compression.NONE);
    }

    TopicView mergedWith(TopicView fresh) {
        if (!id.equals(fresh.id)) {
            return fresh;
        }
        List<PartitionView> merged = new ArrayList<>(fresh.partitions);
        for (int p = 0; p < Math.min(partitions.size(), merged.size()); p++) {
            merged.set(p, partitions.get(p).mergedWith(merged.get(p)));
        }
        merged.addAll(partitions.subList(Math.min(partitions.size(), merged.size()), partitions.size()));
        return new TopicView(name, id, merged, fresh.config);
    }
}
