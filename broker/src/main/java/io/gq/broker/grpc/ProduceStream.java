package io.gq.broker.grpc;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.ProduceService.Produced;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One produce stream. Requests are handed on as they come; answers go out in request order within a partition. The next request is
 * read from the network only while the byte budgets of the connection, of the partition last written to and of the process have room and
 * the client takes its answers.
 *
 * <pre>
 *   OPEN --client ends--> ENDING --last answer sent--> CLOSED
 *   OPEN --drain--> DRAINING --last answer sent--> CLOSED (status SHUTTING_DOWN)
 *   any --client cancels, connection breaks--> CLOSED (what was handed on goes on, unanswered)
 * </pre>
 *
 * <p>gRPC calls it from one thread at a time; answers come from any thread.
 */
final class ProduceStream implements StreamObserver<ProduceRequest> {

    /** What a request costs beside its batch, bytes. */
    private static final long REQUEST_OVERHEAD_BYTES = 256;
    /** A request is given up this long after its own timeout: the service answers with more to say if it can. */
    private static final long GRACE_NANOS = Duration.ofSeconds(1).toNanos();

    private enum State {
        OPEN,
        ENDING,
        DRAINING,
        CLOSED
    }

    private final ProduceEnvironment env;
    private final Connection connection;
    private final ServerCallStreamObserver<ProduceResponse> out;
    private final Consumer<ProduceStream> onClosed;

    private final Object lock = new Object();
    private final Map<PartitionBudgets.Key, Deque<Pending>> pending = new HashMap<>();
    private State state = State.OPEN;
    private boolean requested;
    private boolean waitingForRoom;
    private @Nullable ByteBudget lastPartition;

    ProduceStream(
            ProduceEnvironment env,
            Connection connection,
            ServerCallStreamObserver<ProduceResponse> out,
            Consumer<ProduceStream> onClosed) {
        this.env = env;
        this.connection = connection;
        this.out = out;
        this.onClosed = onClosed;
    }

    /** To be called before gRPC's call handler returns. */
    void start() {
        out.disableAutoRequest();
        out.setOnReadyHandler(this::readMore);
        out.setOnCancelHandler(this::abandon);
        readMore();
    }

    @Override
    public void onNext(ProduceRequest request) {
        Pending p = new Pending(request, env.nanoTime().getAsLong());
        boolean draining;
        synchronized (lock) {
            requested = false;
            if (state == State.CLOSED) {
                return;
            }
            draining = state == State.DRAINING;
            pending.computeIfAbsent(p.key, k -> new ArrayDeque<>()).add(p);
        }
        env.metrics().produceReceived(request.getBatch().size());
        ByteBudget partitionBudget = env.partitions().charge(p.key, p.bytes);
        connection.produceBytes().charge(p.bytes);
        env.process().charge(p.bytes);
        synchronized (lock) {
            lastPartition = partitionBudget;
        }
        CompletableFuture<Produced> answer = draining
                ? CompletableFuture.failedFuture(
                        new BrokerException(ErrorCode.SHUTTING_DOWN, "broker: stopping (expected: running)"))
                : handOn(request, p);
        Answers.whenDone(answer, (produced, failure) -> {
            answer(p, failure == null ? success(p, produced) : refusal(p, failure));
            release(p);
        });
        readMore();
    }

    @Override
    public void onError(Throwable t) {
        abandon();
    }

    @Override
    public void onCompleted() {
        synchronized (lock) {
            if (state == State.OPEN) {
                state = State.ENDING;
            }
            closeWhenAnswered();
        }
    }

    /** Answers what has been read, reads no more, and closes with SHUTTING_DOWN. */
    void drain() {
        synchronized (lock) {
            if (state == State.OPEN) {
                state = State.DRAINING;
            }
            closeWhenAnswered();
        }
    }

    /** Answers requests whose time is long over with TIMEOUT; they may still take effect. */
    void sweep() {
        long now = env.nanoTime().getAsLong();
        List<Pending> late = new ArrayList<>();
        synchronized (lock) {
            pending.values()
                    .forEach(queue -> queue.stream()
                            .filter(p -> p.answer == null && now - p.giveUpNanos > 0)
                            .forEach(late::add));
        }
        for (Pending p : late) {
            answer(
                    p,
                    refusal(
                            p,
                            new BrokerException(
                                    ErrorCode.TIMEOUT,
                                    "produce to " + p.key.topic() + "-" + p.key.partition() + ": no answer after "
                                            + (now - p.startNanos) / 1_000_000 + " ms (expected: within "
                                            + p.timeout.toMillis() + " ms)")));
        }
    }

    private CompletableFuture<Produced> handOn(ProduceRequest request, Pending p) {
        try {
            TopicSpec topic = Requests.topic(request.getTopic());
            int partition = Requests.partition(request.getPartition());
            int bytesMax = env.node().info().messageBytesMax();
            if (request.getBatch().isEmpty()) {
                throw Requests.invalid("batch", "empty", "one record batch");
            }
            if (request.getBatch().size() > bytesMax) {
                throw new BrokerException(
                        ErrorCode.MESSAGE_TOO_LARGE,
                        "batch: " + request.getBatch().size() + " bytes (expected: <= " + bytesMax
                                + ", max_message_size)");
            }
            return env.service()
                    .produce(
                            connection.principal(),
                            topic,
                            partition,
                            AliasingMarshaller.writable(request.getBatch()),
                            p.timeout);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(Pending p, ProduceResponse response) {
        synchronized (lock) {
            if (p.answer != null || state == State.CLOSED) {
                return;
            }
            p.answer = response;
            Deque<Pending> queue = pending.get(p.key);
            while (queue != null && !queue.isEmpty() && queue.getFirst().answer != null) {
                out.onNext(queue.removeFirst().answer);
            }
            if (queue != null && queue.isEmpty()) {
                pending.remove(p.key);
            }
            closeWhenAnswered();
        }
    }

    private void release(Pending p) {
        env.partitions().release(p.key, p.bytes);
        connection.produceBytes().release(p.bytes);
        env.process().release(p.bytes);
    }

    private void readMore() {
        ByteBudget full;
        synchronized (lock) {
            if (requested || waitingForRoom || state == State.CLOSED || !out.isReady()) {
                return; // not ready: gRPC calls again when it is
            }
            full = firstFull();
            if (full == null) {
                requested = true;
                out.request(1);
                return;
            }
            waitingForRoom = true;
        }
        env.metrics().producePaused();
        full.whenRoom(() -> {
            synchronized (lock) {
                waitingForRoom = false;
            }
            readMore();
        });
    }

    private @Nullable ByteBudget firstFull() {
        if (!connection.produceBytes().hasRoom()) {
            return connection.produceBytes();
        }
        if (!env.process().hasRoom()) {
            return env.process();
        }
        return lastPartition != null && !lastPartition.hasRoom() ? lastPartition : null;
    }

    private void closeWhenAnswered() {
        if (!pending.isEmpty() || state == State.OPEN || state == State.CLOSED) {
            return;
        }
        boolean draining = state == State.DRAINING;
        state = State.CLOSED;
        if (draining) {
            out.onError(ErrorMapping.toStatus(
                    new BrokerException(ErrorCode.SHUTTING_DOWN, "broker: stopping (expected: running)")));
        } else {
            out.onCompleted();
        }
        onClosed.accept(this);
    }

    private void abandon() {
        synchronized (lock) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            pending.clear();
        }
        onClosed.accept(this);
    }

    private ProduceResponse success(Pending p, Produced produced) {
        env.metrics().produceDone(env.nanoTime().getAsLong() - p.startNanos);
        return ProduceResponse.newBuilder()
                .setCorrelationId(p.correlationId)
                .setBaseOffset(produced.baseOffset())
                .setTerm(produced.term())
                .setLogAppendTimeMs(produced.logAppendTimeMs())
                .setLogStartOffset(produced.logStartOffset())
                .setDuplicate(produced.duplicate())
                .build();
    }

    private ProduceResponse refusal(Pending p, Throwable failure) {
        BrokerException e = ErrorMapping.toBrokerException(failure);
        env.metrics().refused(e.code());
        return ProduceResponse.newBuilder()
                .setCorrelationId(p.correlationId)
                .setBaseOffset(-1)
                .setLogAppendTimeMs(-1)
                .setError(ErrorMapping.toProto(
                        e,
                        e.code() == ErrorCode.NOT_LEADER
                                ? env.node().leader(connection.listener(), p.topic, p.key.partition())
                                : Optional.empty()))
                .build();
    }

    /** A request that was read and not answered yet. */
    private final class Pending {
        private final long correlationId;
        private final TopicSpec topic;
        private final PartitionBudgets.Key key;
        private final long bytes;
        private final Duration timeout;
        private final long startNanos;
        private final long giveUpNanos;
        private @Nullable ProduceResponse answer;

        Pending(ProduceRequest request, long nowNanos) {
            correlationId = request.getCorrelationId();
            topic = new TopicSpec(Optional.empty(), request.getTopic().getName());
            key = new PartitionBudgets.Key(
                    topic.name().isEmpty() ? request.getTopic().getId().toString() : topic.name(),
                    request.getPartition());
            bytes = REQUEST_OVERHEAD_BYTES + request.getBatch().size();
            Duration wish = Duration.ofMillis(request.getTimeoutMs());
            Duration most = env.config().timeoutMax();
            timeout = request.getTimeoutMs() <= 0 ? env.config().timeout() : wish.compareTo(most) < 0 ? wish : most;
            startNanos = nowNanos;
            giveUpNanos = nowNanos + timeout.toNanos() + GRACE_NANOS;
        }
    }
}
