package io.gq.broker.peer;

import com.google.protobuf.ByteString;
import io.gq.broker.peer.Succession.Report;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.LogPosition;
import io.gq.proto.v1.Obituary;
import io.gq.proto.v1.ReplicaStanding;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Obituaries in the words of the wire and back. */
final class Obituaries {

    private static final int GROUP_ID_BYTES = 16;

    private Obituaries() {}

    static Obituary of(NodeId dead, Map<GroupId, Report> reports) {
        Obituary.Builder obituary = Obituary.newBuilder().setDeadNode(dead.value());
        reports.forEach((group, report) -> obituary.addReplicas(ReplicaStanding.newBuilder()
                .setGroupId(bytes(group))
                .setTerm(report.term())
                .setLastTerm(report.last().term())
                .setLastIndex(report.last().index())
                .setLed(report.led())));
        return obituary.build();
    }

    static Obituary withdrawal(NodeId node) {
        return Obituary.newBuilder()
                .setDeadNode(node.value())
                .setWithdrawn(true)
                .build();
    }

    /** @throws IllegalArgumentException where a group id is none */
    static Map<GroupId, Report> reports(Obituary obituary) {
        Map<GroupId, Report> reports = new HashMap<>();
        for (ReplicaStanding standing : obituary.getReplicasList()) {
            reports.put(
                    group(standing.getGroupId()),
                    new Report(
                            standing.getTerm(),
                            new LogPosition(standing.getLastTerm(), standing.getLastIndex()),
                            standing.getLed()));
        }
        return reports;
    }

    private static ByteString bytes(GroupId group) {
        UUID id = group.value();
        return ByteString.copyFrom(ByteBuffer.allocate(GROUP_ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    private static GroupId group(ByteString bytes) {
        if (bytes.size() != GROUP_ID_BYTES) {
            throw new IllegalArgumentException(
                    "groupId: " + bytes.size() + " bytes (expected: " + GROUP_ID_BYTES + ")");
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new GroupId(new UUID(buffer.getLong(), buffer.getLong()));
    }
}
