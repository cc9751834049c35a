package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.config.BalanceConfig;
import io.gq.core.NodeId;
import io.gq.core.TopicPartition;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderReturnTest {

    private static final NodeId OTHER = new NodeId(2);
    private static final Duration DELAY = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong();
    private final List<LeaderReturn.Guest> guests = new ArrayList<>();
    private final Set<NodeId> there = new HashSet<>(Set.of(OTHER));
    private final LeaderReturn leaderReturn = leaderReturn(true);

    @Test
    void shouldMoveAFewAtATimeWhenTheOtherHasBeenThereForAWhile() {
        List<FakeGuest> all = List.of(guest(0), guest(1), guest(2));
        leaderReturn.tick();
        pass(Duration.ofSeconds(9));
        leaderReturn.tick();
        assertThat(all).noneMatch(guest -> guest.moves > 0);

        pass(Duration.ofSeconds(1));
        leaderReturn.tick();
        leaderReturn.tick();
        assertThat(all.stream().filter(guest -> guest.moves > 0)).hasSize(2);

        all.stream().filter(guest -> guest.moves > 0).forEach(FakeGuest::moved);
        leaderReturn.tick();
        assertThat(all).allMatch(guest -> guest.moves == 1);
    }

    @Test
    void shouldWaitAnewWhenTheOtherWentAwayOrFellBehind() {
        FakeGuest guest = guest(0);
        leaderReturn.tick();
        pass(DELAY);
        there.clear();
        leaderReturn.tick();
        there.add(OTHER);
        leaderReturn.tick();
        assertThat(guest.moves).as("was away").isZero();

        pass(DELAY);
        guest.lag = 101;
        leaderReturn.tick();
        assertThat(guest.moves).as("is behind").isZero();
        guest.lag = 100;
        leaderReturn.tick();
        pass(DELAY);
        leaderReturn.tick();
        assertThat(guest.moves).isEqualTo(1);
    }

    @Test
    void shouldTryAgainAfterAnotherDelayWhenAMoveFailed() {
        FakeGuest guest = guest(0);
        leaderReturn.tick();
        pass(DELAY);
        leaderReturn.tick();
        guest.move.completeExceptionally(new IllegalStateException("did not take over"));

        leaderReturn.tick();
        assertThat(guest.moves).isEqualTo(1);
        pass(DELAY);
        leaderReturn.tick();
        assertThat(guest.moves).isEqualTo(2);
    }

    @Test
    void shouldRestTwiceAsLongAfterEachFailureAndThenTryOneAtATime() {
        List<FakeGuest> all = List.of(guest(0), guest(1), guest(2), guest(3));
        leaderReturn.tick();
        pass(DELAY);
        leaderReturn.tick();
        assertThat(moves(all)).isEqualTo(2);
        all.forEach(FakeGuest::failed); // two failures: a rest of 20 s

        pass(Duration.ofSeconds(19));
        leaderReturn.tick();
        assertThat(moves(all)).isEqualTo(2);
        pass(Duration.ofSeconds(1));
        leaderReturn.tick();
        leaderReturn.tick();
        assertThat(moves(all)).as("one at a time").isEqualTo(3);

        FakeGuest third = all.stream()
                .filter(guest -> !guest.move.isDone() && guest.moves > 0)
                .findFirst()
                .orElseThrow();
        third.moved();
        pass(DELAY);
        leaderReturn.tick();
        assertThat(moves(all)).as("as many as ever after a success").isEqualTo(5);
    }

    private static int moves(List<FakeGuest> guests) {
        return guests.stream().mapToInt(guest -> guest.moves).sum();
    }

    @Test
    void shouldDoNothingWhenSwitchedOff() {
        guest(0);
        AtomicLong scheduled = new AtomicLong();
        LeaderReturn off = new LeaderReturn(
                config(false),
                () -> guests,
                there::contains,
                new Scheduler() {
                    @Override
                    public Cancellable after(Duration delay, Runnable task) {
                        scheduled.incrementAndGet();
                        return () -> {};
                    }

                    @Override
                    public Cancellable every(Duration delay, Runnable task) {
                        return after(delay, task);
                    }
                },
                nanos::get);

        off.start();

        assertThat(scheduled).hasValue(0);
    }

    private LeaderReturn leaderReturn(boolean enabled) {
        return new LeaderReturn(
                config(enabled),
                () -> guests,
                there::contains,
                new Scheduler() {
                    @Override
                    public Cancellable after(Duration delay, Runnable task) {
                        throw new AssertionError("ticks come by hand");
                    }

                    @Override
                    public Cancellable every(Duration delay, Runnable task) {
                        throw new AssertionError("ticks come by hand");
                    }
                },
                nanos::get);
    }

    private static BalanceConfig config(boolean enabled) {
        return new BalanceConfig(enabled, DELAY, Duration.ofSeconds(1), 2);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private FakeGuest guest(int partition) {
        FakeGuest guest = new FakeGuest(new TopicPartition("t", partition));
        guests.add(guest);
        return guest;
    }

    private final class FakeGuest implements LeaderReturn.Guest {
        private final TopicPartition name;
        private long lag;
        private int moves;
        private CompletableFuture<Void> move = new CompletableFuture<>();

        FakeGuest(TopicPartition name) {
            this.name = name;
        }

        void failed() {
            if (moves > 0) {
                move.completeExceptionally(new IllegalStateException("did not take over"));
            }
        }

        void moved() {
            guests.remove(this);
            move.complete(null);
        }

        @Override
        public TopicPartition name() {
            return name;
        }

        @Override
        public NodeId preferred() {
            return OTHER;
        }

        @Override
        public long lag() {
            return lag;
        }

        @Override
        public CompletableFuture<Void> handOver(Duration timeout) {
            moves++;
            move = new CompletableFuture<>();
            return move;
        }
    }
}
