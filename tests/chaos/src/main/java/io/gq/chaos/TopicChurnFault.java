package io.gq.chaos;

import io.gq.it.cluster.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Topics come and go, by a thread of its own until it is healed. What the cluster refuses meanwhile is no finding. */
final class TopicChurnFault implements Fault {

    private static final int PARTITIONS_MAX = 4;
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Topics topics;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private @Nullable Thread thread;
    private volatile boolean stopping;

    TopicChurnFault(Testbed testbed) {
        this.topics = new Topics(testbed.cluster());
    }

    @Override
    public String inject(RandomGenerator random) {
        String prefix = "churn-" + Long.toHexString(random.nextLong()) + "-";
        int partitions = 1 + random.nextInt(PARTITIONS_MAX);
        Thread started = new Thread(() -> churn(prefix, partitions), "topic-churn");
        started.setDaemon(true);
        started.start();
        thread = started;
        return "topics of " + partitions + " partitions";
    }

    private void churn(String prefix, int partitions) {
        for (int number = 0; !stopping; number++) {
            String name = prefix + number;
            attempt(() -> {
                topics.create(name, partitions, Testbed.NODES, Map.of());
                made.incrementAndGet();
                topics.produce(name, 0, Topics.batch("churned".getBytes(StandardCharsets.UTF_8)));
            });
            attempt(() -> topics.delete(name));
        }
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | AssertionError e) {
            refused.incrementAndGet();
            if (!stopping) {
                Pause.of(Duration.ofMillis(100));
            }
        }
    }

    /** @throws IllegalStateException where no topic could be made at all */
    @Override
    public void heal() {
        stopping = true;
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            running.join(STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (made.get() == 0) {
            throw new IllegalStateException("no topic could be made, " + refused + " calls were refused");
        }
    }
}
