package io.gq.broker.host;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.LogPosition;
import io.gq.proto.v1.ReplicaStatus;
import io.gq.raft.DistrustedGroups;
import io.gq.raft.DistrustedHolding;
import io.gq.raft.PayloadExamination;
import java.util.function.Consumer;

/** The replicas of this node that may have forgotten records when its machine went down. Safe for use by many threads. */
final class DistrustedReplicas {

    private final PeerId self;
    private final DistrustedGroups groups;
    private final PayloadExamination payloads;
    private final Consumer<GroupId> reopen;

    /** @param reopen asks for a replica to be opened, in a while */
    DistrustedReplicas(PeerId self, DistrustedGroups groups, PayloadExamination payloads, Consumer<GroupId> reopen) {
        this.self = self;
        this.groups = groups;
        this.payloads = payloads;
        this.reopen = reopen;
    }

    boolean contains(GroupId group) {
        return groups.groups().contains(group);
    }

    /**
     * What the replica says of itself.
     *
     * @param withHolding it also finds out what it holds whole; DAMAGED where that is nothing of use
     */
    ReplicaStatus describe(GroupId group, boolean withHolding) {
        ReplicaStatus.Builder status = ReplicaStatus.newBuilder()
                .setNodeId(self.node().value())
                .setPeerId(self.toString())
                .setRole("DISTRUSTED")
                .setError(text(ReplicaOpening.distrusted(group)));
        if (withHolding) {
            try {
                DistrustedHolding holding = groups.holding(group, payloads);
                status.setLastTerm(holding.last().term())
                        .setLastIndex(holding.last().index())
                        .setLogStartOffset(holding.startOffset())
                        .setLogEndOffset(holding.endOffset());
                holding.voters().forEach(peer -> status.addVoters(peer.node().value()));
            } catch (BrokerException e) {
                if (e.code() != ErrorCode.REPLICA_DAMAGED) {
                    throw e;
                }
                status.setRole("DAMAGED").setError(text(e));
            }
        }
        return status.build();
    }

    /** Opens the replica again with what it holds whole, as the voter it was. */
    void trust(GroupId group, LogPosition last) {
        groups.trust(group, last, payloads);
        reopen.accept(group);
    }

    private static String text(BrokerException e) {
        return e.code().label() + " " + e.code() + ": " + e.getMessage();
    }
}
