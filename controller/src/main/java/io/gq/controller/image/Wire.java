package io.gq.controller.image;

import com.google.protobuf.ByteString;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.PartitionAssignment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Parts of controller messages as values of ours and back. Reading refuses what is malformed with an
 * {@link IllegalArgumentException} that says what was expected, and depends on nothing but the bytes.
 */
public final class Wire {

    private static final int UUID_BYTES = 16;

    private Wire() {}

    /** 16 bytes, big-endian. */
    public static ByteString topicId(TopicId id) {
        ByteBuffer bytes = ByteBuffer.allocate(UUID_BYTES)
                .putLong(id.value().getMostSignificantBits())
                .putLong(id.value().getLeastSignificantBits());
        return ByteString.copyFrom(bytes.flip());
    }

    public static TopicId topicId(ByteString bytes) {
        if (bytes.size() != UUID_BYTES) {
            throw new IllegalArgumentException(
                    "topic id: " + bytes.size() + " bytes (expected: " + UUID_BYTES + ", a UUID)");
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new TopicId(new UUID(buffer.getLong(), buffer.getLong()));
    }

    /** The canonical lower-case form only, so that one id has one spelling. */
    public static UUID uuid(String what, String text) {
        UUID value = null;
        try {
            value = UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            // refused below
        }
        if (value == null || !value.toString().equals(text)) {
            throw new IllegalArgumentException(what + ": '" + text + "' (expected: a UUID in lower case)");
        }
        return value;
    }

    public static PartitionAssignment partition(PartitionImage partition) {
        PartitionAssignment.Builder builder = PartitionAssignment.newBuilder()
                .setPartition(partition.partition())
                .setGroupId(partition.group().toString());
        for (PeerId founder : partition.founders()) {
            builder.addReplicas(founder.node().value()).addIncarnations(founder.incarnation());
        }
        return builder.build();
    }

    public static PartitionImage partition(PartitionAssignment assignment) {
        if (assignment.getReplicasCount() != assignment.getIncarnationsCount()) {
            throw new IllegalArgumentException("incarnations: " + assignment.getIncarnationsCount() + " (expected: "
                    + assignment.getReplicasCount() + ", one a replica)");
        }
        List<PeerId> founders = new ArrayList<>(assignment.getReplicasCount());
        for (int i = 0; i < assignment.getReplicasCount(); i++) {
            founders.add(new PeerId(new NodeId(assignment.getReplicas(i)), assignment.getIncarnations(i)));
        }
        GroupId group = new GroupId(uuid("group id", assignment.getGroupId()));
        return new PartitionImage(assignment.getPartition(), group, founders);
    }

    public static List<PartitionImage> partitions(List<PartitionAssignment> assignments) {
        List<PartitionImage> partitions = new ArrayList<>(assignments.size());
        for (PartitionAssignment assignment : assignments) {
            partitions.add(partition(assignment));
        }
        return partitions;
    }

    public static Map<String, Endpoint> endpoints(Map<String, ListenerAddress> listeners) {
        Map<String, Endpoint> endpoints = new TreeMap<>();
        listeners.forEach((name, address) -> endpoints.put(
                name,
                Endpoint.newBuilder()
                        .setHost(address.host())
                        .setPort(address.port())
                        .build()));
        return endpoints;
    }

    public static Map<String, ListenerAddress> listeners(Map<String, Endpoint> endpoints) {
        Map<String, ListenerAddress> listeners = new TreeMap<>();
        // in name order: which of several bad listeners is named must not depend on the order of a hash map
        new TreeMap<>(endpoints)
                .forEach((name, endpoint) ->
                        listeners.put(name, new ListenerAddress(endpoint.getHost(), endpoint.getPort())));
        return listeners;
    }
}
