package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.testing.ManualScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.junit.jupiter.api.Test;

final class AppendGateTest {

    private final ManualScheduler scheduler = new ManualScheduler();
    private final FakeLog log = new FakeLog();
    private final AppendGate gate = opened(new AppendGate("g", log, scheduler));
    private final FakeLeader leader = new FakeLeader(new GroupId(new UUID(0, 1)), peer(2), peer(1), 5);

    private static final class FakeLog implements AppendGate.Log {
        volatile long flushIndex = -1;
        volatile long term = 5;

        @Override
        public long flushIndex() {
            return flushIndex;
        }

        @Override
        public long currentTerm() {
            return term;
        }
    }

    private static PeerId peer(int node) {
        return new PeerId(new NodeId(node), TestCluster.incarnation(node));
    }

    private static AppendEntriesReplyProto success(long matchIndex) {
        return AppendEntriesReplyProto.newBuilder()
                .setResult(AppendResult.SUCCESS)
                .setMatchIndex(matchIndex)
                .build();
    }

    private static AppendGate opened(AppendGate gate) {
        gate.open();
        return gate;
    }

    @Test
    void shouldLetNothingInBeforeGroupHasStarted() {
        AppendGate starting = new AppendGate("g", log, scheduler);

        assertThatThrownBy(starting::checkOpen)
                .isInstanceOf(ServerNotReadyException.class)
                .hasMessageContaining("starting");
        assertThatThrownBy(() -> starting.append(
                        leader.append(null, 0, "a"), request -> CompletableFuture.completedFuture(success(0))))
                .isInstanceOf(ServerNotReadyException.class);
        starting.close("ended");
        starting.open();
        assertThatThrownBy(starting::checkOpen).hasMessageContaining("ended");
    }

    @Test
    void shouldHoldSuccessWhenLogIsNotFlushed() throws Exception {
        var reply =
                gate.append(leader.append(null, 0, "a", "b"), request -> CompletableFuture.completedFuture(success(1)));
        assertThat(reply).isNotDone();

        log.flushIndex = 0;
        scheduler.advance(Duration.ofMillis(5));
        assertThat(reply).isNotDone();

        log.flushIndex = 1;
        scheduler.advance(Duration.ofMillis(5));
        assertThat(reply.join().getMatchIndex()).isEqualTo(1);
    }

    @Test
    void shouldNotSaySuccessWhenTermIsOver() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> appended = new CompletableFuture<>();
        var reply = gate.append(leader.append(null, 0, "a"), request -> appended);

        log.term = 6;
        log.flushIndex = 0;
        appended.complete(success(0));

        assertThatThrownBy(reply::join).hasCauseInstanceOf(ServerNotReadyException.class);
    }

    @Test
    void shouldNotSaySuccessWhenRequestIsOfOlderTerm() throws Exception {
        log.term = 6;
        log.flushIndex = 9;
        var lied = gate.append(leader.append(null, 0, "a"), request -> CompletableFuture.completedFuture(success(0)));
        assertThatThrownBy(lied::join).hasCauseInstanceOf(ServerNotReadyException.class);

        AppendEntriesReplyProto refusal = AppendEntriesReplyProto.newBuilder()
                .setResult(AppendResult.NOT_LEADER)
                .build();
        assertThat(gate.append(leader.append(null, 0, "a"), request -> CompletableFuture.completedFuture(refusal))
                        .join())
                .isSameAs(refusal);
    }

    @Test
    void shouldMakeAChangeInItsPlaceAmongTheRequests() throws Exception {
        log.flushIndex = 9;
        CompletableFuture<AppendEntriesReplyProto> before = new CompletableFuture<>();
        CompletableFuture<String> change = new CompletableFuture<>();
        var first = gate.append(leader.append(null, 0, "a"), request -> before);
        CompletableFuture<?> changed = gate.between(() -> change);
        var last = gate.append(leader.append(null, 1, "b"), request -> CompletableFuture.completedFuture(success(1)));

        change.complete("done");
        assertThat(changed).as("after the request before it").isNotDone();
        before.complete(success(0));
        assertThat(first).isDone();
        assertThat(changed.isDone()).isTrue();
        assertThat(last).isDone();

        CompletableFuture<String> failing = new CompletableFuture<>();
        CompletableFuture<?> failed = gate.between(() -> failing);
        var after = gate.append(leader.append(null, 2, "c"), request -> CompletableFuture.completedFuture(success(2)));
        assertThat(after).isNotDone();
        failing.completeExceptionally(new IOException("disk"));
        assertThatThrownBy(failed::join).hasRootCauseMessage("disk");
        assertThat(after).as("it changed nothing").isDone();

        gate.close("ended");
        assertThatThrownBy(() -> gate.between(() -> change)).isInstanceOf(ServerNotReadyException.class);
    }

    @Test
    void shouldHoldSuccessUntilEarlierRequestsAreDone() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> first = new CompletableFuture<>();
        log.flushIndex = 9;
        var unused = gate.append(leader.append(null, 0, "a"), request -> first);
        var second = gate.append(leader.append(null, 0, "a"), request -> CompletableFuture.completedFuture(success(0)));
        assertThat(second).isNotDone();

        first.complete(success(0));

        assertThat(second.join().getMatchIndex()).isZero();
    }

    @Test
    void shouldAppendOneAfterTheOtherWhenRequestsCome() throws Exception {
        List<String> order = new ArrayList<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        log.flushIndex = 9;
        AppendGate.Target slow = request -> {
            inside.countDown();
            waitFor(go);
            order.add("slow");
            return CompletableFuture.completedFuture(success(0));
        };
        AppendGate.Target quick = request -> {
            order.add("quick");
            return CompletableFuture.completedFuture(success(1));
        };

        CompletableFuture<AppendEntriesReplyProto> one = inThread(() -> gate.append(leader.append(null, 0, "a"), slow));
        waitFor(inside);
        CompletableFuture<AppendEntriesReplyProto> two =
                inThread(() -> gate.append(leader.append(null, 1, "b"), quick));
        var heartbeat =
                gate.append(leader.heartbeat(null, 0), request -> CompletableFuture.completedFuture(success(-1)));
        assertThat(heartbeat).as("heartbeats pass by").isDone();
        go.countDown();

        one.get(10, TimeUnit.SECONDS);
        two.get(10, TimeUnit.SECONDS);
        assertThat(order).containsExactly("slow", "quick");
    }

    @Test
    void shouldLetNothingThroughWhenClosed() throws Exception {
        var waiting =
                gate.append(leader.append(null, 0, "a"), request -> CompletableFuture.completedFuture(success(0)));
        var lost = gate.append(leader.append(null, 1, "b"), request -> new CompletableFuture<>());
        gate.close("write failed");
        assertThatThrownBy(lost::join).as("Ratis never answers it").hasMessageContaining("write failed");
        log.flushIndex = 0;
        scheduler.advance(Duration.ofMillis(5));

        assertThatThrownBy(waiting::join).hasMessageContaining("write failed");
        assertThatThrownBy(() -> gate.append(leader.heartbeat(null, 0), request -> new CompletableFuture<>()))
                .isInstanceOf(ServerNotReadyException.class);
    }

    @Test
    void shouldPassInconsistencyWhenRatisSaysSo() throws Exception {
        AppendEntriesReplyProto inconsistent = AppendEntriesReplyProto.newBuilder()
                .setResult(AppendResult.INCONSISTENCY)
                .build();

        assertThat(gate.append(leader.append(null, 7, "a"), request -> CompletableFuture.completedFuture(inconsistent))
                        .join())
                .isSameAs(inconsistent);
    }

    private interface Append {
        CompletableFuture<AppendEntriesReplyProto> run() throws IOException;
    }

    private static CompletableFuture<AppendEntriesReplyProto> inThread(Append append) {
        CompletableFuture<AppendEntriesReplyProto> result = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        result.complete(append.run().get(10, TimeUnit.SECONDS));
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                })
                .start();
        return result;
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
