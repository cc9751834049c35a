package io.gq.client.admin;

import java.util.List;

/** A topic and what its replicas, those that answered, say of themselves. */
public record TopicDetails(TopicDescription topic, List<ReplicaDescription> replicas) {

    public TopicDetails {
        replicas = List.copyOf(replicas);
    }
}
