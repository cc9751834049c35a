package io.gq.broker.security;

import io.gq.core.BrokerException;
import io.gq.core.service.FetchService;
import io.gq.core.service.Principal;
import io.gq.core.service.ProduceService;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Wraps the services so that no front door can forget to ask whether the caller may touch a topic. */
public final class AuthorizingServices {

    private AuthorizingServices() {}

    public static ProduceService produce(Authorizer authorizer, ProduceService service) {
        return new Produce(authorizer, service);
    }

    public static FetchService fetch(Authorizer authorizer, FetchService service) {
        return new Fetch(authorizer, service);
    }

    private record Produce(Authorizer authorizer, ProduceService service) implements ProduceService {
        @Override
        public CompletableFuture<Produced> produce(
                Principal principal, TopicSpec topic, int partition, ByteBuffer batch, Duration timeout) {
            BrokerException refusal = refusal(authorizer, principal, Operation.PRODUCE, topic);
            return refusal != null
                    ? CompletableFuture.failedFuture(refusal)
                    : service.produce(principal, topic, partition, batch, timeout);
        }
    }

    private record Fetch(Authorizer authorizer, FetchService service) implements FetchService {
        @Override
        public CompletableFuture<List<Fetched>> fetch(Principal principal, FetchQuery query) {
            return split(
                    query.partitions(),
                    q -> refusal(authorizer, principal, Operation.FETCH, q.topic()),
                    (q, e) -> new Fetched(ByteBuffer.allocate(0), -1, -1, q.offset(), e),
                    allowed -> service.fetch(
                            principal,
                            allowed.size() == query.partitions().size()
                                    ? query
                                    : new FetchQuery(
                                            allowed,
                                            Duration.ZERO, // the refusals are to be told without waiting for records
                                            query.bytesMin(),
                                            query.bytesMax(),
                                            query.level())));
        }

        @Override
        public CompletableFuture<List<Listed>> listOffsets(
                Principal principal, List<OffsetQuery> queries, ReadLevel level) {
            return split(
                    queries,
                    q -> refusal(authorizer, principal, Operation.FETCH, q.topic()),
                    (q, e) -> new Listed(-1, -1, -1, e),
                    allowed -> service.listOffsets(principal, allowed, level));
        }
    }

    /** Asks the service for the allowed ones and puts its answers and the refusals back in the order of the queries. */
    private static <Q, A> CompletableFuture<List<A>> split(
            List<Q> queries,
            Function<Q, @Nullable BrokerException> check,
            BiFunction<Q, BrokerException, A> refuse,
            Function<List<Q>, CompletableFuture<List<A>>> ask) {
        List<@Nullable A> answers = new ArrayList<>(queries.size());
        List<Q> allowed = new ArrayList<>(queries.size());
        for (Q query : queries) {
            BrokerException refusal = check.apply(query);
            answers.add(refusal == null ? null : refuse.apply(query, refusal));
            if (refusal == null) {
                allowed.add(query);
            }
        }
        CompletableFuture<List<A>> asked = ask.apply(allowed);
        if (allowed.size() == queries.size()) {
            return asked; // as it is, so that cancelling it reaches the service
        }
        return asked.thenApply(found -> {
            List<A> merged = new ArrayList<>(answers.size());
            int next = 0;
            for (A answer : answers) {
                merged.add(answer != null ? answer : found.get(next++));
            }
            return merged;
        });
    }

    private static @Nullable BrokerException refusal(
            Authorizer authorizer, Principal principal, Operation operation, TopicSpec topic) {
        try {
            authorizer.check(principal, operation, Resource.topic(topic.toString()));
            return null;
        } catch (BrokerException e) {
            return e;
        }
    }
}
