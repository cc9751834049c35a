package io.gq.client.internal;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.LeaderNews;
import io.gq.proto.v1.WatchLeadersRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of new leaders the moment brokers know of them, from two brokers at a time: a broker that stands still breaks no connection,
 * and then the other one tells. A broker that dies or falls silent is left for another. Runs on the client's loop only.
 */
final class LeaderWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);
    private static final int STREAMS = 2;
    /** Brokers say something every second. */
    private static final Duration SILENCE_MAX = Duration.ofMillis(2500);

    private static final Duration CHECK_INTERVAL = Duration.ofMillis(250);
    /** Topics come in crowds. */
    private static final Duration GATHER = Duration.ofMillis(20);
    /** A broker that knows no watches is asked again after it. */
    private static final Duration NOT_OFFERED_WAIT = Duration.ofSeconds(30);

    private final Connections connections;
    private final LoopThread loop;
    private final LongSupplier nanoTime;
    private final Supplier<List<BrokerAddress>> candidates;
    private final Supplier<Backoff> backoffs;
    private final Consumer<LeaderNews> news;
    private final TreeSet<String> topics = new TreeSet<>();
    private final List<Stream> streams = new ArrayList<>();
    private boolean gathering;

    /**
     * @param candidates brokers to ask, the best first
     * @param news is told what comes, on the loop
     */
    LeaderWatch(
            Connections connections,
            LoopThread loop,
            LongSupplier nanoTime,
            Supplier<List<BrokerAddress>> candidates,
            Supplier<Backoff> backoffs,
            Consumer<LeaderNews> news) {
        this.connections = connections;
        this.loop = loop;
        this.nanoTime = nanoTime;
        this.candidates = candidates;
        this.backoffs = backoffs;
        this.news = news;
    }

    void start() {
        loop.every(CHECK_INTERVAL, () -> streams.forEach(Stream::check));
    }

    /** Watches the topic as well from now on. */
    void add(String topic) {
        if (topics.add(topic) && !gathering) {
            gathering = true;
            loop.after(GATHER, () -> {
                gathering = false;
                while (streams.size() < STREAMS) {
                    streams.add(new Stream());
                }
                streams.forEach(stream -> stream.restart("topics changed"));
            });
        }
    }

    private @Nullable BrokerAddress choose(Stream asking) {
        List<BrokerAddress> free = candidates.get().stream()
                .filter(address ->
                        streams.stream().noneMatch(other -> other != asking && address.equals(other.address)))
                .toList();
        return free.stream()
                .filter(address -> !address.equals(asking.left))
                .findFirst()
                .orElse(free.isEmpty() ? null : free.get(0));
    }

    /**
     * One stream to one broker at a time.
     *
     * <pre>
     *   CLOSED --time has come--> OPENING --first message--> HEARD
     *     ^----- broken, refused, silent, topics changed -------'
     * </pre>
     */
    private final class Stream {
        private final Backoff backoff = backoffs.get();
        private @Nullable BrokerAddress address;
        /** The broker that failed last: another one is tried first. */
        private @Nullable BrokerAddress left;

        private @Nullable ClientCall<WatchLeadersRequest, LeaderNews> call;
        /** Counts openings, so that what an old one still says is not taken for the new one's. */
        private int opening;

        private long heardNanos;
        private long notBeforeNanos = nanoTime.getAsLong();

        void check() {
            long now = nanoTime.getAsLong();
            if (address != null && now - heardNanos > SILENCE_MAX.toNanos()) {
                failed(new GqException(ErrorCode.TIMEOUT, "silent for " + SILENCE_MAX.toMillis() + " ms"));
            } else if (address == null && now - notBeforeNanos >= 0) {
                open();
            }
        }

        void restart(String why) {
            close(why);
            open();
        }

        private void open() {
            BrokerAddress chosen = choose(this);
            if (chosen == null) {
                return; // fewer brokers than streams
            }
            address = chosen;
            heardNanos = nanoTime.getAsLong();
            int number = ++opening;
            Futures.whenDone(
                    connections.to(chosen),
                    (connection, failure) -> loop.execute(() -> {
                        if (number != opening) {
                            return;
                        }
                        if (failure != null) {
                            failed(Errors.fromCall("connect to " + chosen, failure));
                        } else {
                            begin(connection, number);
                        }
                    }));
        }

        private void begin(BrokerConnection connection, int number) {
            ClientCall<WatchLeadersRequest, LeaderNews> begun =
                    connection.channel().newCall(BrokerGrpc.getWatchLeadersMethod(), CallOptions.DEFAULT);
            call = begun;
            begun.start(new News(this, number, begun), new Metadata());
            begun.request(2);
            begun.sendMessage(
                    WatchLeadersRequest.newBuilder().addAllTopics(topics).build());
            begun.halfClose();
        }

        void heard(int number, LeaderNews message) {
            if (number == opening) {
                heardNanos = nanoTime.getAsLong();
                backoff.reset();
                left = null;
                if (message.getLeadersCount() > 0) {
                    news.accept(message);
                }
            }
        }

        void closed(int number, GqException reason) {
            if (number == opening) {
                failed(reason);
            }
        }

        private void failed(GqException reason) {
            LOG.debug("leader watch left broker={} reason={}", address, reason.getMessage());
            left = address;
            close("left");
            Duration wait = reason.code() == ErrorCode.UNSUPPORTED_VERSION
                    ? NOT_OFFERED_WAIT
                    : Duration.ofNanos(backoff.nextNanos());
            notBeforeNanos = nanoTime.getAsLong() + wait.toNanos();
            loop.after(wait, this::check);
        }

        private void close(String why) {
            opening++;
            address = null;
            ClientCall<WatchLeadersRequest, LeaderNews> begun = call;
            call = null;
            if (begun != null) {
                begun.cancel(why, null);
            }
        }
    }

    private final class News extends ClientCall.Listener<LeaderNews> {
        private final Stream stream;
        private final int number;
        private final ClientCall<WatchLeadersRequest, LeaderNews> call;

        News(Stream stream, int number, ClientCall<WatchLeadersRequest, LeaderNews> call) {
            this.stream = stream;
            this.number = number;
            this.call = call;
        }

        @Override
        public void onMessage(LeaderNews message) {
            loop.execute(() -> stream.heard(number, message));
            call.request(1);
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            Status shown = status.isOk() ? Status.UNAVAILABLE.withDescription("ended by the broker") : status;
            GqException reason = Errors.fromCall(
                    "leader watch", shown.asRuntimeException(Objects.requireNonNullElseGet(trailers, Metadata::new)));
            loop.execute(() -> stream.closed(number, reason));
        }
    }
}
