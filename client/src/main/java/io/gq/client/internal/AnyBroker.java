package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.core.time.Scheduler;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that any broker can answer: asked of one after the other until one answers, the deadline passes or the refusal is final.
 * Safe for use by many threads.
 */
public final class AnyBroker {

    private final Connections connections;
    private final Supplier<ClusterView> view;
    private final List<BrokerAddress> bootstrap;
    private final Retries retries;
    private final AtomicInteger next;

    /** What a retry loop needs. */
    public record Retries(Scheduler scheduler, LongSupplier nanoTime, Supplier<Backoff> backoffs) {}

    /**
     * How a call is retried.
     *
     * @param total from the call to its last failure
     * @param attempt the longest one broker is waited for
     */
    public record Limits(Duration total, Duration attempt) {}

    /**
     * What came back.
     *
     * @param uncertain an earlier attempt of this call may have taken effect
     */
    public record Reply<R>(R value, boolean uncertain) {}

    /** The last failure, and whether an attempt of this call may have taken effect. */
    public static final class CallFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final GqException reason;
        private final boolean uncertain;

        CallFailed(GqException reason, boolean uncertain) {
            super(reason);
            this.reason = reason;
            this.uncertain = uncertain;
        }

        public GqException reason() {
            return reason;
        }

        public boolean uncertain() {
            return uncertain;
        }
    }

    AnyBroker(
            Connections connections,
            Supplier<ClusterView> view,
            List<BrokerAddress> bootstrap,
            int firstBroker,
            Retries retries) {
        this.connections = connections;
        this.view = view;
        this.bootstrap = bootstrap;
        this.next = new AtomicInteger(firstBroker);
        this.retries = retries;
    }

    /** Every address known, each once, another first each time; those that just failed come last. */
    public List<BrokerAddress> candidates() {
        ClusterView now = view.get();
        Set<BrokerAddress> known = new LinkedHashSet<>();
        now.brokers().entrySet().stream()
                .filter(e -> now.alive().contains(e.getKey()))
                .forEach(e -> known.add(e.getValue()));
        known.addAll(now.brokers().values());
        if (known.isEmpty()) {
            known.addAll(bootstrap);
        }
        List<BrokerAddress> good = new ArrayList<>();
        List<BrokerAddress> doubtful = new ArrayList<>();
        known.forEach(a -> (connections.promising(a) ? good : doubtful).add(a));
        if (!good.isEmpty()) {
            Collections.rotate(good, -Math.floorMod(next.getAndIncrement(), good.size()));
        }
        bootstrap.stream().filter(a -> !known.contains(a)).forEach(doubtful::add);
        good.addAll(doubtful);
        return good;
    }

    /**
     * Repeats the call at other brokers while its failures are retriable, or leave the outcome open, inside the limits: the call
     * must bear being made twice.
     *
     * @param refusal the error an answer carries inside, or null
     * @return fails with {@link CallFailed}
     */
    public <Q, R> CompletableFuture<Reply<R>> call(
            MethodDescriptor<Q, R> method, Q request, Function<R, @Nullable GqException> refusal, Limits limits) {
        Attempts<Q, R> attempts = new Attempts<>(method, request, refusal, limits);
        attempts.next();
        return attempts.result;
    }

    private final class Attempts<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private final Q request;
        private final Function<R, @Nullable GqException> refusal;
        private final Limits limits;
        private final long deadline;
        private final Backoff backoff = retries.backoffs().get();
        private final CompletableFuture<Reply<R>> result = new CompletableFuture<>();
        private List<BrokerAddress> round = List.of();
        private int at;
        private boolean uncertain;

        Attempts(MethodDescriptor<Q, R> method, Q request, Function<R, @Nullable GqException> refusal, Limits limits) {
            this.method = method;
            this.request = request;
            this.refusal = refusal;
            this.limits = limits;
            this.deadline = retries.nanoTime().getAsLong() + limits.total().toNanos();
        }

        /** One attempt; only one is under way at a time, so the fields need no lock. */
        void next() {
            if (at >= round.size()) {
                round = candidates();
                at = 0;
            }
            BrokerAddress address = round.get(at++);
            Futures.whenDone(connections.to(address), (connection, failure) -> {
                if (failure != null) {
                    failed(Errors.fromCall("connect to " + address, failure), false);
                } else {
                    send(connection);
                }
            });
        }

        private void send(BrokerConnection connection) {
            long left = deadline - retries.nanoTime().getAsLong();
            Duration timeout = Duration.ofNanos(
                    Math.max(1_000_000, Math.min(left, limits.attempt().toNanos())));
            Futures.whenDone(Calls.unary(connection.channel(), method, request, timeout), (answer, failure) -> {
                if (failure != null) {
                    String where = method.getBareMethodName() + " at " + connection.address();
                    GqException reason = Errors.fromCall(where, failure);
                    boolean cutOff = reason.code() == ErrorCode.BROKER_UNAVAILABLE;
                    failed(reason, reason.outcomeUnknown() || cutOff);
                    return;
                }
                GqException reason = refusal.apply(answer);
                if (reason == null) {
                    result.complete(new Reply<>(answer, uncertain));
                } else {
                    failed(reason, reason.outcomeUnknown());
                }
            });
        }

        private void failed(GqException reason, boolean mayHaveHappened) {
            uncertain |= mayHaveHappened;
            long wait = at < round.size() && !reason.retriable() ? 0 : wait(reason);
            boolean again = reason.retriable() || mayHaveHappened || passing(reason);
            long left = deadline - retries.nanoTime().getAsLong();
            if (!again || left <= wait) {
                result.completeExceptionally(new CallFailed(again ? reason.atDeadline() : reason, uncertain));
            } else {
                retries.scheduler().after(Duration.ofNanos(wait), this::next);
            }
        }

        /** Another broker at once, where only this one is out of reach; else after a pause. */
        private long wait(GqException reason) {
            if (reason.code() == ErrorCode.BROKER_UNAVAILABLE && at < round.size()) {
                return 0;
            }
            return Math.max(backoff.nextNanos(), reason.retryAfter().toNanos());
        }

        /** A wrong address among good ones does not end the call while there are others to ask. */
        private boolean passing(GqException reason) {
            return reason.code() == ErrorCode.CLUSTER_MISMATCH && at < round.size();
        }
    }
}
