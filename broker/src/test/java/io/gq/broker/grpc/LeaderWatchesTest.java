package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.LeaderNews;
import io.gq.proto.v1.NewLeader;
import io.gq.proto.v1.WatchLeadersRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeaderWatchesTest {

    @Test
    void shouldTellWhatIsKnownAndThenEachNewLeaderOnce() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            f.services.lead("logs", 0, 1, 7);
            f.services.lead("logs", 1, 2, 7);
            Watcher watcher = watch(f, List.of());
            assertThat(watcher.next()).containsExactlyInAnyOrder("logs-0 1 7", "logs-1 2 7");

            f.services.lead("logs", 1, 3, 8);

            assertThat(watcher.next()).containsExactly("logs-1 3 8");
        }
    }

    @Test
    void shouldTellOnlyOfTheTopicsAskedFor() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            Watcher watcher = watch(f, List.of("logs"));
            assertThat(watcher.next()).isEmpty();

            f.services.lead("other", 0, 1, 1);
            f.services.lead("logs", 0, 2, 1);

            assertThat(watcher.next()).containsExactly("logs-0 2 1");
        }
    }

    @Test
    void shouldTellTheAddressOfTheListenerTheWatchCameInBy() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("listeners.outside.bind=127.0.0.1:0")) {
            f.services.lead("logs", 0, 1, 7);
            Watcher watcher = new Watcher();
            BrokerGrpc.newStub(f.channel("outside")).watchLeaders(WatchLeadersRequest.getDefaultInstance(), watcher);

            assertThat(watcher.take().getLeaders(0).getLeader().getEndpoint().getHost())
                    .isEqualTo("outside.test");
        }
    }

    @Test
    void shouldGiveSignsOfLifeWithoutNews() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            Watcher watcher = watch(f, List.of());
            assertThat(watcher.next()).isEmpty();

            f.scheduler.runRepeated();

            assertThat(watcher.next()).isEmpty();
        }
    }

    @Test
    void shouldEndTheWatchWhenTheBrokerStops() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            Watcher watcher = watch(f, List.of());
            assertThat(watcher.next()).isEmpty();

            f.endpoint.drain();

            assertThat(Status.fromThrowable(watcher.failure.get(10, TimeUnit.SECONDS))
                            .getDescription())
                    .contains("stopping");
        }
    }

    private static Watcher watch(FrontDoorFixture f, List<String> topics) {
        Watcher watcher = new Watcher();
        BrokerGrpc.newStub(f.channel())
                .watchLeaders(
                        WatchLeadersRequest.newBuilder().addAllTopics(topics).build(), watcher);
        return watcher;
    }

    private static final class Watcher implements StreamObserver<LeaderNews> {
        private final BlockingQueue<LeaderNews> news = new LinkedBlockingQueue<>();
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

        LeaderNews take() throws InterruptedException {
            LeaderNews next = news.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no news came");
            }
            return next;
        }

        List<String> next() throws InterruptedException {
            return take().getLeadersList().stream().map(Watcher::text).toList();
        }

        private static String text(NewLeader l) {
            return l.getTopic().getName() + "-" + l.getPartition() + " "
                    + l.getLeader().getNodeId() + " " + l.getLeader().getTerm();
        }

        @Override
        public void onNext(LeaderNews message) {
            news.add(message);
        }

        @Override
        public void onError(Throwable cause) {
            failure.complete(cause);
        }

        @Override
        public void onCompleted() {
            failure.completeExceptionally(new AssertionError("ended without an error"));
        }
    }
}
