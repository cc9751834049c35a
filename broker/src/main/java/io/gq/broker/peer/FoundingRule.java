package io.gq.broker.peer;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a node whose disk belongs to no cluster may do, decided from what the configured controllers answered. A pure function. An
 * empty disk never votes under a name that may have voted before: it founds a cluster only together with all the configured
 * controllers, and joins a founded one under the fresh name its storage was given.
 */
public final class FoundingRule {

    /**
     * A configured controller's answer.
     *
     * @param clusterId empty where its disk belongs to no cluster either
     * @param founders the controllers its cluster was founded with
     */
    public record Answer(PeerId peer, Optional<String> clusterId, List<PeerId> founders) {}

    /** What to do now. */
    public sealed interface Step {
        /** Ask again in a moment. */
        record Wait(Set<NodeId> missing) implements Step {}

        /** Draw a cluster id and tell the others. */
        record Found(List<PeerId> founders) implements Step {}

        /** Belong to the cluster; {@code founder} where this storage is one of its first voters. */
        record Adopt(String clusterId, List<PeerId> founders, boolean founder) implements Step {}

        /** The configured controllers belong to different clusters. */
        record Refuse(String reason) implements Step {}
    }

    private FoundingRule() {}

    /**
     * @param self this node under its storage's name
     * @param controllers the configured controllers
     * @param answers who answered, this node left out
     */
    public static Step decide(PeerId self, Set<NodeId> controllers, Map<NodeId, Answer> answers) {
        Optional<Answer> founded = Optional.empty();
        for (Answer answer : answers.values()) {
            if (answer.clusterId().isEmpty()) {
                continue;
            }
            if (founded.isPresent() && !founded.get().clusterId().equals(answer.clusterId())) {
                return new Step.Refuse("node " + founded.get().peer().node() + " belongs to cluster "
                        + founded.get().clusterId().get() + " and node "
                        + answer.peer().node() + " to cluster "
                        + answer.clusterId().get() + " (expected: controllers of one cluster)");
            }
            founded = Optional.of(answer);
        }
        if (founded.isPresent()) {
            List<PeerId> founders = founded.get().founders();
            return new Step.Adopt(founded.get().clusterId().get(), founders, founders.contains(self));
        }
        Set<NodeId> missing = new TreeSet<>(controllers);
        missing.removeAll(answers.keySet());
        missing.remove(self.node());
        boolean lowest = controllers.stream().min(NodeId::compareTo).equals(Optional.of(self.node()));
        if (!missing.isEmpty() || !lowest) {
            return new Step.Wait(missing);
        }
        return new Step.Found(controllers.stream()
                .sorted()
                .map(node -> node.equals(self.node()) ? self : answers.get(node).peer())
                .toList());
    }
}
