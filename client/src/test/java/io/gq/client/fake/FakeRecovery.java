package io.gq.client.fake;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.RecoverPartitionRequest;
import io.gq.proto.v1.RecoverPartitionResponse;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.proto.v1.TrustedReplica;
import java.util.List;

/** Recovers partitions without a leader: all replicas are distrusted, the later in the list the more complete. */
final class FakeRecovery {

    private FakeRecovery() {}

    static RecoverPartitionResponse answer(RecoverPartitionRequest q, FakeTopic topic) {
        FakePartition partition = topic.partitions.get(q.getPartition());
        if (!"replicated".equals(topic.config.get("durability"))) {
            throw new BrokerException(ErrorCode.INVALID_REQUEST, "durability=fsync (expected: replicated)");
        }
        RecoverPartitionResponse.Builder answer = RecoverPartitionResponse.newBuilder();
        if (partition.leader != 0) {
            BrokerException refusal =
                    new BrokerException(ErrorCode.NOTHING_TO_RECOVER, "leader: node " + partition.leader);
            if (!q.getValidateOnly()) {
                throw refusal;
            }
            return answer.setError(FakeCluster.wire(refusal)).build();
        }
        for (int node : partition.replicas) {
            answer.addReplicas(ReplicaStatus.newBuilder()
                    .setNodeId(node)
                    .setRole("DISTRUSTED")
                    .setError("may have forgotten")
                    .setLastTerm(4)
                    .setLastIndex(100 + node)
                    .setLogEndOffset(50 + node));
        }
        List<ReplicaStatus> best = answer.getReplicasList().stream()
                .sorted((a, b) -> Long.compare(b.getLastIndex(), a.getLastIndex()))
                .limit(partition.replicas.size() / 2 + 1)
                .toList();
        best.forEach(r -> answer.addTrusted(TrustedReplica.newBuilder()
                .setNodeId(r.getNodeId())
                .setLastTerm(r.getLastTerm())
                .setLastIndex(r.getLastIndex())));
        answer.setMostComplete(best.get(0).getNodeId());
        if (!q.getValidateOnly()) {
            if (!q.getApprovedList().equals(answer.getTrustedList())) {
                throw new BrokerException(ErrorCode.INVALID_REQUEST, "approved: " + q.getApprovedList());
            }
            partition.leader = best.get(0).getNodeId();
            answer.setLeader(partition.leader);
        }
        return answer.build();
    }
}
