package io.gq.client.admin;

import io.gq.client.GqException;
import io.gq.core.TopicPartition;
import java.util.List;
import java.util.Optional;

/**
 * How a partition with durability=replicated can be led again after a majority of its machines went down at once.
 *
 * @param replicas what each replica says of itself; of one that is distrusted, term and index of its last whole entry and the offsets it
 *     holds
 * @param trust the replicas that are to be trusted again, the most complete first; empty where it is refused
 * @param mostComplete of those that will vote: it leads, or one that holds the same; records from its log end offset on are lost, where there were any; empty where it is refused
 * @param leader the node that leads since; 0: none yet
 * @param refusal why nothing can be done
 */
public record RecoveryPlan(
        TopicPartition partition,
        List<ReplicaDescription> replicas,
        List<ReplicaDescription> trust,
        Optional<ReplicaDescription> mostComplete,
        int leader,
        Optional<GqException> refusal) {

    public RecoveryPlan {
        replicas = List.copyOf(replicas);
        trust = List.copyOf(trust);
    }
}
