package io.gq.broker.security;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The permission each remote method needs. A method that is not in it is refused. */
public final class MethodTable {

    private static final Map<String, Rule> RULES = rules();

    private MethodTable() {}

    /**
     * @param resource what is asked for at the door. {@link Resource#ANY_TOPIC} where the topics stand in the request: the
     *     services behind then ask again for each of them
     */
    public record Rule(Operation operation, Resource resource) {}

    /** @param fullMethod service and method, e.g. {@code gq.v1.Broker/Produce} */
    public static Optional<Rule> rule(String fullMethod) {
        return Optional.ofNullable(RULES.get(fullMethod));
    }

    static Set<String> methods() {
        return RULES.keySet();
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new HashMap<>();
        Rule connect = new Rule(Operation.CONNECT, Resource.CLUSTER);
        Rule describe = new Rule(Operation.DESCRIBE, Resource.CLUSTER);
        Rule fetch = new Rule(Operation.FETCH, Resource.ANY_TOPIC);
        Rule produce = new Rule(Operation.PRODUCE, Resource.ANY_TOPIC);
        Rule peer = new Rule(Operation.PEER, Resource.CLUSTER);
        Rule alter = new Rule(Operation.ALTER_TOPIC, Resource.ANY_TOPIC);

        rules.put("grpc.health.v1.Health/Check", connect);
        rules.put("grpc.health.v1.Health/Watch", connect);
        rules.put("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", connect);

        rules.put("gq.v1.Broker/Hello", connect);
        rules.put("gq.v1.Broker/Metadata", describe);
        rules.put("gq.v1.Broker/Produce", produce);
        rules.put("gq.v1.Broker/Fetch", fetch);
        rules.put("gq.v1.Broker/ListOffsets", fetch);
        rules.put("gq.v1.Broker/AllocateProducerId", produce);
        rules.put("gq.v1.Broker/WatchLeaders", describe);

        rules.put("gq.v1.Admin/CreateTopic", new Rule(Operation.CREATE_TOPIC, Resource.ANY_TOPIC));
        rules.put("gq.v1.Admin/DeleteTopic", new Rule(Operation.DELETE_TOPIC, Resource.ANY_TOPIC));
        rules.put("gq.v1.Admin/ListTopics", describe);
        rules.put("gq.v1.Admin/DescribeTopic", describe);
        rules.put("gq.v1.Admin/AlterTopic", alter);
        rules.put("gq.v1.Admin/AddPartitions", alter);
        rules.put("gq.v1.Admin/DescribeCluster", describe);
        rules.put("gq.v1.Admin/TransferLeader", new Rule(Operation.OPERATE, Resource.CLUSTER));
        rules.put("gq.v1.Admin/BalanceLeaders", new Rule(Operation.OPERATE, Resource.CLUSTER));
        rules.put("gq.v1.Admin/RecoverPartition", new Rule(Operation.OPERATE, Resource.CLUSTER));
        rules.put("gq.v1.Admin/VerifyPartition", new Rule(Operation.OPERATE, Resource.CLUSTER));

        rules.put("gq.v1.Peer/Probe", peer);
        rules.put("gq.v1.Peer/Found", peer);
        rules.put("gq.v1.Peer/Heartbeat", peer);
        rules.put("gq.v1.Peer/Mesh", peer);
        rules.put("gq.v1.Peer/ProposeToController", peer);
        rules.put("gq.v1.Peer/DismissReplica", peer);
        rules.put("gq.v1.Peer/AdmitReplica", peer);
        rules.put("gq.v1.Peer/HandOver", peer);
        rules.put("gq.v1.Peer/CopySnapshot", peer);
        rules.put("gq.v1.Peer/DescribeReplica", peer);
        rules.put("gq.v1.Peer/TrustReplica", peer);
        rules.put("gq.v1.Peer/VerifyReplica", peer);
        return Map.copyOf(rules);
    }
}
