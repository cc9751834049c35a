package io.gq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.FetchService;
import io.gq.core.service.Principal;
import io.gq.core.service.ProduceService;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AuthorizerTest {

    private static final Principal ALICE = new Principal("user", "alice");
    private static final Authorizer NO_SECRETS =
            (principal, operation, resource) -> !resource.name().startsWith("secret");

    @Test
    void shouldAllowEverythingToEverybodyWhenNothingIsConfigured() {
        Authorizer all = Authorizer.allowAll(List.of());
        for (Operation operation : Operation.values()) {
            assertThat(all.allows(Principal.ANONYMOUS, operation, Resource.CLUSTER))
                    .isTrue();
        }
    }

    @Test
    void shouldKeepWhatBrokersDoForBrokersWhenTheirNamesAreConfigured() {
        Authorizer all = Authorizer.allowAll(List.of("broker1"));
        assertThat(all.allows(Principal.ANONYMOUS, Operation.PEER, Resource.CLUSTER))
                .isFalse();
        assertThat(all.allows(ALICE, Operation.PEER, Resource.CLUSTER)).isFalse();
        assertThat(all.allows(ALICE, Operation.PRODUCE, Resource.topic("t"))).isTrue();
        assertThat(all.allows(new Principal(Authenticator.BROKER, "broker1"), Operation.PEER, Resource.CLUSTER))
                .isTrue();
        assertThatThrownBy(() -> all.check(ALICE, Operation.PEER, Resource.CLUSTER))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED))
                .hasMessageContaining("user:alice");
    }

    @Test
    void shouldNotReachTheServiceWhenProducingIsRefused() {
        List<String> reached = new ArrayList<>();
        ProduceService service =
                AuthorizingServices.produce(NO_SECRETS, (principal, topic, partition, batch, timeout) -> {
                    reached.add(topic.name());
                    return new CompletableFuture<>();
                });

        assertThat(service.produce(ALICE, topic("secret"), 0, ByteBuffer.allocate(1), Duration.ZERO))
                .isCompletedExceptionally();
        assertThat(service.produce(ALICE, topic("open"), 0, ByteBuffer.allocate(1), Duration.ZERO))
                .isNotDone();
        assertThat(reached).containsExactly("open");
    }

    @Test
    void shouldAnswerRefusedPartitionsInTheirPlaceAndAskOnlyForTheOthers() throws Exception {
        List<String> reached = new ArrayList<>();
        FetchService service = AuthorizingServices.fetch(NO_SECRETS, new Recording(reached));

        List<FetchService.Fetched> fetched =
                service.fetch(ALICE, query("a", "secret1", "b", "secret2")).get();
        assertThat(fetched.stream()
                        .map(f -> f.error() == null ? "ok" : f.error().code().name()))
                .containsExactly("ok", "UNAUTHORIZED", "ok", "UNAUTHORIZED");
        assertThat(fetched.stream().map(FetchService.Fetched::nextOffset)).containsExactly(1000L, 1L, 1002L, 3L);

        List<FetchService.Listed> listed = service.listOffsets(
                        ALICE,
                        List.of(
                                new FetchService.OffsetQuery(topic("secret"), 0, new FetchService.At.Latest()),
                                new FetchService.OffsetQuery(topic("c"), 0, new FetchService.At.Latest())),
                        ReadLevel.COMMITTED)
                .get();
        assertThat(listed.stream().map(l -> l.error() == null)).containsExactly(false, true);
        assertThat(reached).containsExactly("a", "b", "c");
    }

    private static FetchService.FetchQuery query(String... topics) {
        List<FetchService.PartitionQuery> partitions = new ArrayList<>();
        for (String topic : topics) {
            partitions.add(new FetchService.PartitionQuery(topic(topic), 0, partitions.size(), 1, 0, 0));
        }
        return new FetchService.FetchQuery(partitions, Duration.ofSeconds(1), 1, 1, ReadLevel.COMMITTED);
    }

    private static TopicSpec topic(String name) {
        return new TopicSpec(Optional.empty(), name);
    }

    /** Answers a query at offset n with next offset 1000 + n. */
    private record Recording(List<String> reached) implements FetchService {
        @Override
        public CompletableFuture<List<Fetched>> fetch(Principal principal, FetchQuery query) {
            query.partitions().forEach(p -> reached.add(p.topic().name()));
            return CompletableFuture.completedFuture(query.partitions().stream()
                    .map(p -> new Fetched(ByteBuffer.allocate(0), 0, 0, 1000 + p.offset(), null))
                    .toList());
        }

        @Override
        public CompletableFuture<List<Listed>> listOffsets(
                Principal principal, List<OffsetQuery> queries, ReadLevel level) {
            queries.forEach(q -> reached.add(q.topic().name()));
            return CompletableFuture.completedFuture(
                    queries.stream().map(q -> new Listed(5, -1, 1, null)).toList());
        }
    }
}
