package io.gq.controller;

import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.core.NodeId;
import io.gq.proto.v1.SetBrokerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which brokers the controller's leader hears from. Soft state: it is in no log, and a new leader starts with none and gives everyone
 * a full timeout to be heard. The same grace is given after this process itself stood still, so that a leader that was paused does not
 * take its own absence for everybody else's.
 *
 * <p>Time is that of a monotonic clock, passed in. Safe for use by many threads.
 */
public final class BrokerSessions {

    private final long timeoutNanos;
    private final Map<NodeId, Heard> heard = new HashMap<>();
    /** When this leader first saw the run in the image. */
    private final Map<Run, Long> runs = new HashMap<>();

    private long graceFromNanos;
    private long lastTickNanos;

    /**
     * @param timeout silence after which a broker counts as failed
     * @param nowNanos when this node became the controller's leader
     */
    public BrokerSessions(Duration timeout, long nowNanos) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("broker session timeout: " + timeout + " (expected: > 0)");
        }
        this.timeoutNanos = timeout.toNanos();
        this.graceFromNanos = nowNanos;
        this.lastTickNanos = nowNanos;
    }

    /** This node leads the controller's group anew: what was heard before counts no more. */
    public synchronized void lead(long nowNanos) {
        heard.clear();
        runs.clear();
        graceFromNanos = nowNanos;
        lastTickNanos = nowNanos;
    }

    /** A broker was heard from. A run older than the one known is passed over. */
    public synchronized void heartbeat(NodeId node, long processEpoch, long nowNanos) {
        Heard last = heard.get(node);
        if (last == null || last.processEpoch <= processEpoch || nowNanos - last.atNanos > timeoutNanos) {
            heard.put(node, new Heard(processEpoch, nowNanos));
        }
    }

    /**
     * What to propose now: who went silent is to be marked failed, who is heard again alive. Repeats itself until the image
     * shows the change; repeated proposals are harmless. To be called several times a timeout.
     */
    public synchronized List<SetBrokerState> tick(long nowNanos, ClusterImage image) {
        if (nowNanos - lastTickNanos > timeoutNanos / 2) {
            graceFromNanos = nowNanos;
        }
        long newRunNanos = lastTickNanos == graceFromNanos ? graceFromNanos : nowNanos;
        lastTickNanos = nowNanos;
        List<SetBrokerState> changes = new ArrayList<>();
        for (BrokerImage broker : image.brokers()) {
            Run run = new Run(broker.node(), broker.processEpoch());
            // a run that registered a moment ago may not have sent its first heartbeat here yet
            long knownNanos = runs.computeIfAbsent(run, first -> newRunNanos);
            Heard last = heard.get(broker.node());
            boolean fresh = last != null
                    && last.processEpoch == broker.processEpoch()
                    && nowNanos - last.atNanos <= timeoutNanos;
            boolean graced = nowNanos - graceFromNanos <= timeoutNanos || nowNanos - knownNanos <= timeoutNanos;
            if (broker.alive() ? !fresh && !graced : fresh) {
                changes.add(SetBrokerState.newBuilder()
                        .setNodeId(broker.node().value())
                        .setProcessEpoch(broker.processEpoch())
                        .setAlive(!broker.alive())
                        .build());
            }
        }
        runs.keySet()
                .removeIf(run -> image.broker(run.node())
                        .filter(broker -> broker.processEpoch() == run.processEpoch())
                        .isEmpty());
        return changes;
    }

    private record Heard(long processEpoch, long atNanos) {}

    private record Run(NodeId node, long processEpoch) {}
}
