package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CatchUpTest {

    private final List<Replica> open = new ArrayList<>();
    private final CatchUp catchUp = new CatchUp(() -> open);

    @Test
    void shouldBeBehindUntilTheBarrierWasPassed() {
        Replica replica = open();

        assertThat(catchUp.has(replica)).as("its leader is known, no more").isFalse();
        catchUp.ask();
        catchUp.ask();
        assertThat(replica.barriers).as("one question at a time").hasSize(1);
        assertThat(catchUp.has(replica)).isFalse();

        replica.barriers.get(0).complete(null);
        assertThat(catchUp.has(replica)).isTrue();
        catchUp.ask();
        assertThat(replica.barriers).as("never asked again").hasSize(1);
    }

    @Test
    void shouldAskAgainWhenTheBarrierFailed() {
        Replica replica = open();
        catchUp.ask();

        replica.barriers.get(0).completeExceptionally(new BrokerException(ErrorCode.NO_QUORUM, "no answer"));
        assertThat(catchUp.has(replica)).isFalse();
        catchUp.ask();
        replica.barriers.get(1).complete(null);

        assertThat(catchUp.has(replica)).isTrue();
    }

    @Test
    void shouldBeBehindAgainWhenTheReplicaWasOpenedAnew() {
        Replica before = open();
        catchUp.ask();
        before.barriers.get(0).complete(null);
        open.remove(before);
        Replica after = new Replica(before.id());
        open.add(after);

        assertThat(catchUp.has(after)).isFalse();
        catchUp.ask();

        assertThat(after.barriers).hasSize(1);
        assertThat(catchUp.has(before)).as("let go").isFalse();
    }

    @Test
    void shouldAskSomeAtATimeWhenThereAreMany() {
        Stream.generate(this::open).limit(100).forEach(replica -> {});

        catchUp.ask();
        assertThat(asked()).hasSize(64);
        asked().forEach(replica -> replica.barriers.get(0).complete(null));
        catchUp.ask();

        assertThat(asked()).hasSize(100);
    }

    private List<Replica> asked() {
        return open.stream().filter(replica -> !replica.barriers.isEmpty()).toList();
    }

    private Replica open() {
        Replica replica = new Replica(new GroupId(UUID.randomUUID()));
        open.add(replica);
        return replica;
    }

    /** Its barriers are passed when the test says so. */
    private static final class Replica implements ReplicatedGroup {

        final List<CompletableFuture<Void>> barriers = new ArrayList<>();
        private final GroupId id;

        Replica(GroupId id) {
            this.id = id;
        }

        @Override
        public GroupId id() {
            return id;
        }

        @Override
        public Leadership leadership() {
            return new Leadership(Leadership.Role.FOLLOWER, 1, Optional.of(new NodeId(1)), false);
        }

        @Override
        public CompletableFuture<Outcome> propose(ByteBuffer command, @Nullable ByteBuffer payload) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> readBarrier(Duration timeout) {
            CompletableFuture<Void> barrier = new CompletableFuture<>();
            barriers.add(barrier);
            return barrier;
        }

        @Override
        public CompletableFuture<Void> transferLeadership(NodeId to, Duration timeout) {
            throw new UnsupportedOperationException();
        }
    }
}
