package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.client.ClientConfig;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.LeaderHint;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.MetadataResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the client knows of the cluster, kept fresh: asked for again when somebody found it wrong, and by age. However many ask,
 * one request is under way, and two follow each other no faster than a backoff allows. {@link #view} may be called from any
 * thread; everything else runs on the client's loop.
 */
public final class MetadataCache {

    /** A broker silent for so long is not waited for alone. */
    private static final Duration HEDGE = Duration.ofMillis(150);
    /** A topic just made may be unknown to some brokers for so long. */
    private static final Duration UNKNOWN_TOPIC_GRACE = Duration.ofMillis(400);

    private final ClientConfig config;
    private final Connections connections;
    private final LoopThread loop;
    private final LongSupplier nanoTime;
    private final Backoff backoff;
    private final Set<String> tracked = new TreeSet<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterView view = ClusterView.EMPTY;
    private final AtomicInteger refreshes = new AtomicInteger();
    private final AnyBroker brokers;
    private final LeaderWatch watch;
    private @Nullable Refresh underWay;
    private boolean scheduled;
    private long lastStart;
    private long lastSuccess;

    public MetadataCache(
            ClientConfig config,
            Connections connections,
            LoopThread loop,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.config = config;
        this.connections = connections;
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.backoff = new Backoff(random, config.retryBackoff(), config.retryBackoffMax());
        this.brokers = new AnyBroker(
                connections,
                this::view,
                config.bootstrap(),
                random.nextInt(config.bootstrap().size()),
                new AnyBroker.Retries(
                        loop, nanoTime, () -> new Backoff(random, config.retryBackoff(), config.retryBackoffMax())));
        this.watch = new LeaderWatch(
                connections,
                loop,
                nanoTime,
                brokers::candidates,
                () -> new Backoff(random, config.retryBackoff(), config.retryBackoffMax()),
                news -> learn(view.withLeaders(news.getLeadersList())));
        this.lastStart = nanoTime.getAsLong() - config.retryBackoffMax().toNanos();
        this.lastSuccess = nanoTime.getAsLong();
    }

    public ClusterView view() {
        return view;
    }

    /** Calls that any broker answers. */
    public AnyBroker anyBroker() {
        return brokers;
    }

    /** How often metadata was asked for; for tests that watch how hard the cluster is asked. */
    public int refreshes() {
        return refreshes.get();
    }

    /** The listener runs on the client's loop after each refresh, successful or not, and after each hint or
     * message of a watched broker that was news. */
    public void listen(Runnable listener) {
        listeners.add(listener);
    }

    public void unlisten(Runnable listener) {
        listeners.remove(listener);
    }

    /** Starts the refresh by age, and to listen to brokers that tell of new leaders. */
    void start() {
        watch.start();
        loop.every(config.metadataMaxAge().dividedBy(4), () -> {
            if (!tracked.isEmpty()
                    && nanoTime.getAsLong() - lastSuccess
                            > config.metadataMaxAge().toNanos()) {
                requestRefresh();
            }
        });
    }

    /**
     * The topic, asked for where it is not known. From any thread.
     *
     * @return fails with {@link GqException}: UNKNOWN_TOPIC where the cluster says so, else why nobody answered in time. Completes
     *     on the client's loop.
     */
    public CompletableFuture<TopicView> topic(String name, Duration timeout) {
        TopicView known = view.topics().get(name);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        Waiter waiter = new Waiter(name, nanoTime.getAsLong(), timeout);
        loop.execute(() -> {
            tracked.add(name);
            watch.add(name);
            waiters.add(waiter);
            loop.after(timeout, this::expireWaiters);
            requestRefresh();
        });
        return waiter.topic;
    }

    /** Keeps the topic's metadata fresh from now on. From any thread. */
    public void track(String topic) {
        loop.execute(() -> {
            tracked.add(topic);
            watch.add(topic);
        });
    }

    /** Asks soon, unless that is under way already. From any thread. */
    public void requestRefresh() {
        loop.execute(() -> {
            if (underWay == null && !scheduled) {
                scheduled = true;
                long wait = lastStart + backoff.nextNanos() - nanoTime.getAsLong();
                if (wait <= 0) {
                    refresh();
                } else {
                    loop.after(Duration.ofNanos(wait), this::refresh);
                }
            }
        });
    }

    /** Takes over what a refusal told of the leader, at once. From any thread. */
    public void hint(TopicPartition tp, LeaderHint hint) {
        loop.execute(() -> learn(view.withHint(tp, hint)));
    }

    private void learn(ClusterView next) {
        if (!next.equals(view)) {
            view = next;
            tellListeners();
        }
    }

    private void refresh() {
        scheduled = false;
        lastStart = nanoTime.getAsLong();
        refreshes.incrementAndGet();
        Refresh refresh = new Refresh();
        underWay = refresh;
        refresh.askNext();
    }

    private void finished(@Nullable MetadataResponse answer, @Nullable GqException failure) {
        underWay = null;
        if (answer != null) {
            ClusterView next = view.mergedWith(answer);
            boolean changed = !next.equals(view);
            view = next;
            lastSuccess = nanoTime.getAsLong();
            if (changed) {
                backoff.reset();
            }
        }
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (failure != null) {
                waiter.last = failure;
            }
            if (waiter.settled(view, answer)) {
                all.remove();
            }
        }
        expireWaiters();
        tellListeners();
        if (!waiters.isEmpty()) {
            requestRefresh();
        }
    }

    private void expireWaiters() {
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            if (all.next().expired()) {
                all.remove();
            }
        }
    }

    private void tellListeners() {
        listeners.forEach(Runnable::run);
    }

    /** One round over the brokers: the next is asked when one fails, or is slow; the first answer wins. */
    private final class Refresh {
        private final Iterator<BrokerAddress> candidates = brokers.candidates().iterator();
        private final MetadataRequest request =
                MetadataRequest.newBuilder().addAllTopics(tracked).build();
        private int pending;
        private boolean done;
        private GqException last = new GqException(ErrorCode.BROKER_UNAVAILABLE, "brokers: none answered");

        void askNext() {
            if (done || !candidates.hasNext()) {
                return;
            }
            BrokerAddress address = candidates.next();
            pending++;
            Futures.whenDone(
                    connections
                            .to(address)
                            .thenCompose(connection -> Calls.unary(
                                    connection.channel(),
                                    BrokerGrpc.getMetadataMethod(),
                                    request,
                                    config.requestTimeout())),
                    (answer, failure) -> loop.execute(() -> answered(address, answer, failure)));
            loop.after(HEDGE, this::askNext);
        }

        private void answered(BrokerAddress address, @Nullable MetadataResponse answer, @Nullable Throwable failure) {
            pending--;
            if (done) {
                return;
            }
            if (answer != null) {
                done = true;
                finished(answer, null);
                return;
            }
            if (failure != null) {
                last = Errors.fromCall("metadata from " + address, failure);
            }
            if (candidates.hasNext()) {
                askNext();
            } else if (pending == 0) {
                done = true;
                finished(null, last);
            }
        }
    }

    /** Somebody who waits for a topic. */
    private final class Waiter {
        private final String name;
        private final long since;
        private final Duration timeout;
        private final CompletableFuture<TopicView> topic = new CompletableFuture<>();
        private int denials;
        private GqException last = new GqException(ErrorCode.BROKER_UNAVAILABLE, "brokers: none answered");

        Waiter(String name, long since, Duration timeout) {
            this.name = name;
            this.since = since;
            this.timeout = timeout;
        }

        boolean settled(ClusterView now, @Nullable MetadataResponse answer) {
            TopicView found = now.topics().get(name);
            if (found != null) {
                topic.complete(found);
            } else if (answer != null) {
                answer.getTopicsList().stream()
                        .filter(t -> t.getName().equals(name) && t.hasError())
                        .findFirst()
                        .ifPresent(t -> denied(t.getError()));
            }
            return topic.isDone();
        }

        private void denied(Error error) {
            last = Errors.fromWire(error);
            denials++;
            boolean lasting = nanoTime.getAsLong() - since > UNKNOWN_TOPIC_GRACE.toNanos() && denials >= 2;
            boolean hopeless = !last.retriable() && last.code().kind() != ErrorCode.Kind.NOT_FOUND;
            if (hopeless || (lasting && !last.retriable())) {
                tracked.remove(name);
                topic.completeExceptionally(last);
            }
        }

        boolean expired() {
            if (nanoTime.getAsLong() - since < timeout.toNanos()) {
                return false;
            }
            return topic.completeExceptionally(new GqException(
                            last.code(),
                            "topic " + name + ": no metadata within " + timeout.toMillis() + " ms; "
                                    + last.getMessage(),
                            last)
                    .atDeadline());
        }
    }
}
