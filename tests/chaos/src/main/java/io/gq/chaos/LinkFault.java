package io.gq.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Links between brokers, and between brokers and clients, lose everything that is sent over them. */
final class LinkFault implements Fault {

    /** One direction between two ends. */
    private record Link(int from, int to) {
        @Override
        public String toString() {
            return name(from) + "->" + name(to);
        }

        private static String name(int end) {
            return end == NamespaceNetwork.CLIENTS ? "clients" : Integer.toString(end);
        }
    }

    /** Which links. */
    private interface Shape {
        List<Link> links(RandomGenerator random) throws NotInjectedException;
    }

    private final Testbed testbed;
    private final Shape shape;
    private final List<Link> cut = new ArrayList<>();

    private LinkFault(Testbed testbed, Shape shape) {
        this.testbed = testbed;
        this.shape = shape;
    }

    static LinkFault partition(Testbed testbed, Victims victims) {
        return new LinkFault(testbed, random -> around(victims, victims.any(random)));
    }

    static LinkFault oneWay(Testbed testbed, Victims victims) {
        return new LinkFault(testbed, random -> {
            int node = victims.any(random);
            boolean mute = random.nextBoolean();
            return around(victims, node).stream()
                    .filter(link -> (link.from() == node) == mute)
                    .toList();
        });
    }

    static LinkFault isolatedLeader(Testbed testbed, Victims victims) {
        return new LinkFault(testbed, random -> {
            int leader = victims.leader(random);
            List<Link> links = new ArrayList<>(around(victims, leader));
            if (random.nextInt(3) == 0) {
                links.add(new Link(leader, NamespaceNetwork.CLIENTS));
                links.add(new Link(NamespaceNetwork.CLIENTS, leader));
            }
            return links;
        });
    }

    static LinkFault bridge(Testbed testbed, Victims victims) {
        return new LinkFault(testbed, random -> {
            List<Integer> ends = victims.others(victims.any(random));
            return List.of(new Link(ends.get(0), ends.get(1)), new Link(ends.get(1), ends.get(0)));
        });
    }

    private static List<Link> around(Victims victims, int node) {
        List<Link> links = new ArrayList<>();
        for (int other : victims.others(node)) {
            links.add(new Link(node, other));
            links.add(new Link(other, node));
        }
        return links;
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        for (Link link : shape.links(random)) {
            testbed.network().cut(link.from(), link.to());
            cut.add(link);
        }
        return "cut " + cut;
    }

    @Override
    public void heal() {
        cut.forEach(link -> testbed.network().join(link.from(), link.to()));
        cut.clear();
    }
}
