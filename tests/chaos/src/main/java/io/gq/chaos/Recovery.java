package io.gq.chaos;

import io.gq.it.cluster.BrokerProcess;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Waits for brokers to be whole again. */
final class Recovery {

    private static final Duration STABLE = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Testbed testbed;

    Recovery(Testbed testbed) {
        this.testbed = testbed;
    }

    /**
     * Every broker runs, knows a leader for all it hosts, and has nothing left to rebuild; and that for a while: what a leader tells a
     * replica that has just come back may be that it has to be rebuilt.
     */
    boolean awaitWhole(Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        long wholeSince = Long.MIN_VALUE;
        while (wholeSince == Long.MIN_VALUE || System.nanoTime() - wholeSince < STABLE.toNanos()) {
            if (!whole()) {
                wholeSince = Long.MIN_VALUE;
            } else if (wholeSince == Long.MIN_VALUE) {
                wholeSince = System.nanoTime();
            }
            if (System.nanoTime() > end || anyEnded()) {
                return false; // nobody starts what has ended while this waits
            }
            Pause.of(POLL);
        }
        return true;
    }

    private boolean anyEnded() {
        return testbed.cluster().brokers().stream().anyMatch(broker -> !broker.alive());
    }

    private boolean whole() {
        return testbed.cluster().brokers().stream().allMatch(broker -> broker.alive() && broker.ready());
    }

    /** Why brokers are not whole, by node. */
    String reasons() {
        return testbed.cluster().brokers().stream()
                .filter(broker -> !broker.alive() || !broker.ready())
                .map(broker -> "broker " + broker.node() + ": "
                        + (broker.alive()
                                ? broker.get("/health/ready")
                                        .map(HttpResponse::body)
                                        .orElse("no answer")
                                : "ended"))
                .collect(Collectors.joining("; "))
                .replace('\n', ' ');
    }

    /** Brokers that ended by themselves run again. Returns whom it started. */
    List<Integer> startDead() {
        List<BrokerProcess> dead = testbed.cluster().brokers().stream()
                .filter(broker -> !broker.alive())
                .toList();
        dead.forEach(BrokerProcess::start);
        return dead.stream().map(BrokerProcess::node).toList();
    }
}
