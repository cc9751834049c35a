package io.gq.broker.grpc;

import com.google.protobuf.ByteString;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.LeaderNews;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.WatchLeadersRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients that watch who leads. Each is told what it was not told before, at once when a leader changes; one that reads slowly is
 * told later, and then only what still holds. Safe for use by many threads.
 */
final class LeaderWatches {

    private static final Duration BEAT = Duration.ofSeconds(1);

    private final NodeView node;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Scheduler.Cancellable beating;
    private volatile boolean draining;

    LeaderWatches(NodeView node, Scheduler scheduler) {
        this.node = node;
        node.onLeaderChange(() -> watches.forEach(watch -> watch.tell(false)));
        this.beating = scheduler.every(BEAT, () -> watches.forEach(watch -> watch.tell(true)));
    }

    void add(String listener, WatchLeadersRequest request, ServerCallStreamObserver<LeaderNews> out) {
        Watch watch = new Watch(listener, request.getTopicsList(), out);
        out.setOnCancelHandler(() -> watches.remove(watch));
        out.setOnCloseHandler(() -> watches.remove(watch));
        out.setOnReadyHandler(() -> watch.tell(false));
        watches.add(watch);
        watch.tell(true);
        if (draining) {
            end(watch);
        }
    }

    /** Ends every stream with SHUTTING_DOWN. */
    void drain() {
        draining = true;
        beating.cancel();
        watches.forEach(this::end);
    }

    private void end(Watch watch) {
        if (watches.remove(watch)) {
            watch.end();
        }
    }

    private record Place(ByteString topicId, int partition) {}

    /** One stream. Its monitor guards it and what it was told. */
    private final class Watch {
        private final String listener;
        private final List<String> topics;
        private final ServerCallStreamObserver<LeaderNews> out;
        private Map<Place, LeaderHint> told = Map.of();
        private boolean ended;

        Watch(String listener, List<String> topics, ServerCallStreamObserver<LeaderNews> out) {
            this.listener = listener;
            this.topics = List.copyOf(topics);
            this.out = out;
        }

        /** @param always also where there is nothing new */
        synchronized void tell(boolean always) {
            if (ended || out.isCancelled() || !out.isReady()) {
                return;
            }
            LeaderNews.Builder news = LeaderNews.newBuilder();
            Map<Place, LeaderHint> now = new HashMap<>();
            for (NewLeader leader : node.leaders(listener, topics)) {
                Place place = new Place(leader.getTopic().getId(), leader.getPartition());
                now.put(place, leader.getLeader());
                if (!leader.getLeader().equals(told.get(place))) {
                    news.addLeaders(leader);
                }
            }
            told = now;
            if (always || news.getLeadersCount() > 0) {
                out.onNext(news.build());
            }
        }

        synchronized void end() {
            if (!ended && !out.isCancelled()) {
                out.onError(ErrorMapping.toStatus(
                        new BrokerException(ErrorCode.SHUTTING_DOWN, "broker: stopping (expected: running)")));
            }
            ended = true;
        }
    }
}
