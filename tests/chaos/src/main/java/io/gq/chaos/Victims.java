package io.gq.chaos;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.RawClient;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.PartitionInfo;
import io.gq.proto.v1.TopicInfo;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Who is hurt next. A broker whose process or disk one fault has taken is left alone by the others until that one is healed. */
final class Victims {

    private static final double LEADER = 0.7;
    private static final int ASK_S = 2;

    private final Testbed testbed;
    private final String topic;
    private final Set<Integer> taken = new TreeSet<>();

    /** @param topic whose leaders are sought */
    Victims(Testbed testbed, String topic) {
        this.testbed = testbed;
        this.topic = topic;
    }

    /** A running broker that nobody has taken: mostly one that leads a partition. */
    int take(RandomGenerator random) throws NotInjectedException {
        List<Integer> free = free();
        if (free.isEmpty()) {
            throw new NotInjectedException("no broker runs that another fault leaves alone");
        }
        int other = free.get(random.nextInt(free.size()));
        boolean leader = random.nextDouble() < LEADER;
        int partition = random.nextInt(1 << 16);
        int chosen = leader ? leader(partition, other) : other;
        int victim = free.contains(chosen) ? chosen : other;
        taken.add(victim);
        return victim;
    }

    /** All of them. */
    List<Integer> takeAll() throws NotInjectedException {
        if (!taken.isEmpty()) {
            throw new NotInjectedException("brokers " + taken + " are held by another fault");
        }
        for (int node = 1; node <= Testbed.NODES; node++) {
            taken.add(node);
        }
        return List.copyOf(taken);
    }

    void release(int node) {
        taken.remove(node);
    }

    /** Any broker, taken or not: for faults of the network. */
    int any(RandomGenerator random) {
        return 1 + random.nextInt(Testbed.NODES);
    }

    /** The broker that leads some partition, as the first broker that answers knows it. */
    int leader(RandomGenerator random) throws NotInjectedException {
        int leader = leader(random.nextInt(1 << 16), 0);
        if (leader == 0) {
            throw new NotInjectedException("no broker that answers knows a leader");
        }
        return leader;
    }

    List<Integer> others(int node) {
        return testbed.cluster().brokers().stream()
                .map(BrokerProcess::node)
                .filter(other -> other != node)
                .toList();
    }

    private List<Integer> free() {
        return testbed.cluster().brokers().stream()
                .filter(BrokerProcess::alive)
                .map(BrokerProcess::node)
                .filter(node -> !taken.contains(node))
                .toList();
    }

    private int leader(int partition, int otherwise) {
        for (int node : free()) {
            try (RawClient client = new RawClient(testbed.broker(node).address())) {
                TopicInfo info = client.broker()
                        .withDeadlineAfter(ASK_S, TimeUnit.SECONDS)
                        .metadata(MetadataRequest.newBuilder().addTopics(topic).build())
                        .getTopics(0);
                List<PartitionInfo> led = info.getPartitionsList().stream()
                        .filter(p -> p.getLeader() != 0)
                        .toList();
                if (!led.isEmpty()) {
                    return led.get(partition % led.size()).getLeader();
                }
            } catch (StatusRuntimeException e) {
                // it does not answer: the next one may
            }
        }
        return otherwise;
    }
}
