package io.gq.client.admin;

import java.util.List;

/**
 * The cluster as the answering broker sees it.
 *
 * @param controller node id of the controller's leader; 0: none known
 * @param imageVersion of the cluster image the answer was made from
 * @param answeredBy node id of the answering broker; 0: it did not say
 * @param mesh how that broker's liveness mesh sees the others
 */
public record ClusterDescription(
        String clusterId,
        int controller,
        long imageVersion,
        int featureLevel,
        List<BrokerDescription> brokers,
        int topics,
        int partitions,
        int leaderlessPartitions,
        List<Integer> controllerVoters,
        int answeredBy,
        List<MeshPeerDescription> mesh) {

    public ClusterDescription {
        brokers = List.copyOf(brokers);
        controllerVoters = List.copyOf(controllerVoters);
        mesh = List.copyOf(mesh);
    }

    /** True where a controller leads, every broker is alive and every partition has a leader. */
    public boolean healthy() {
        return controller != 0 && leaderlessPartitions == 0 && brokers.stream().allMatch(BrokerDescription::alive);
    }
}
