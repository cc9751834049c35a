package io.gq.client.producer;

import io.gq.client.BrokerAddress;
import io.gq.client.GqException;
import io.gq.client.internal.BrokerConnection;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.internal.Errors;
import io.gq.client.internal.Futures;
import io.gq.client.internal.ProduceStream;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The produce stream to one node, opened when somebody wants to send, and opened anew after it broke. Used on the sender's loop
 * only.
 *
 * <pre>
 *   CLOSED --wanted--> OPENING --greeted--> OPEN
 *      ^------------------'-------broken------'
 * </pre>
 */
final class BrokerLink {

    private final int node;
    private final ClientRuntime runtime;
    private final Executor loop;
    private final Map<Long, Attempt> unanswered = new HashMap<>();
    private final Set<PartitionSender> waiting = new LinkedHashSet<>();
    private @Nullable ProduceStream stream;
    private boolean opening;
    /** Counts streams, so that what an old one still says is not taken for the new one's. */
    private int streams;

    private long lastHeardNanos;
    private long correlationId;

    /** One send of one batch. */
    record Attempt(PartitionSender sender, ProducerBatch batch, int generation, int numbering) {}

    BrokerLink(int node, ClientRuntime runtime, Executor loop) {
        this.node = node;
        this.runtime = runtime;
        this.loop = loop;
    }

    /** True where a request may be sent now. If not, the caller is called back: when it may be, or when the broker cannot be reached. */
    boolean readyFor(PartitionSender sender) {
        ProduceStream open = stream;
        if (open != null && open.isReady()) {
            return true;
        }
        waiting.add(sender);
        if (open == null && !opening) {
            open();
        }
        return false;
    }

    /** Only while {@link #readyFor}. */
    void send(ProduceRequest.Builder request, Attempt attempt) {
        ProduceStream open = stream;
        if (open == null) {
            throw new IllegalStateException("send on a closed link");
        }
        long id = ++correlationId;
        unanswered.put(id, attempt);
        open.send(request.setCorrelationId(id).build());
    }

    /** Gives the stream up where it said nothing since then. False where it did. */
    boolean abandonIfSilentSince(long nanos) {
        ProduceStream open = stream;
        if (open == null || lastHeardNanos - nanos > 0) {
            return false;
        }
        open.cancel("silent");
        closed(streams, new GqException(ErrorCode.TIMEOUT, "broker " + node + ": no answer in time"));
        return true;
    }

    void close() {
        ProduceStream open = stream;
        stream = null;
        streams++;
        if (open != null) {
            open.cancel("producer closed");
        }
    }

    private void open() {
        Optional<BrokerAddress> address = runtime.metadata().view().address(node);
        if (address.isEmpty()) {
            failed(new GqException(ErrorCode.BROKER_UNAVAILABLE, "broker " + node + ": address not known"));
            return;
        }
        opening = true;
        Futures.whenDone(
                runtime.connections().to(address.get()),
                (connection, failure) -> loop.execute(() -> {
                    opening = false;
                    if (failure != null) {
                        failed(Errors.fromCall("connect to " + address.get(), failure));
                    } else {
                        opened(connection);
                    }
                }));
    }

    private void opened(BrokerConnection connection) {
        if (connection.nodeId() != 0 && connection.nodeId() != node) {
            failed(new GqException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "broker at " + connection.address() + ": " + connection.nodeId() + " (expected: " + node + ")"));
            return;
        }
        int number = ++streams;
        lastHeardNanos = runtime.outside().nanoTime().getAsLong();
        stream = ProduceStream.open(connection, new ProduceStream.Listener() {
            @Override
            public void answered(ProduceResponse answer) {
                loop.execute(() -> BrokerLink.this.answered(number, answer));
            }

            @Override
            public void ready() {
                loop.execute(BrokerLink.this::wakeWaiting);
            }

            @Override
            public void closed(GqException reason) {
                loop.execute(() -> BrokerLink.this.closed(number, reason));
            }
        });
        wakeWaiting();
    }

    private void answered(int number, ProduceResponse answer) {
        if (number == streams) {
            lastHeardNanos = runtime.outside().nanoTime().getAsLong();
            Attempt attempt = unanswered.remove(answer.getCorrelationId());
            if (attempt != null) {
                attempt.sender().answered(attempt, answer);
            }
        }
    }

    private void wakeWaiting() {
        List<PartitionSender> woken = takeWaiting();
        woken.forEach(PartitionSender::advance);
    }

    private List<PartitionSender> takeWaiting() {
        List<PartitionSender> taken = new ArrayList<>(waiting);
        waiting.clear();
        return taken;
    }

    private void failed(GqException reason) {
        takeWaiting().forEach(sender -> sender.unreachable(node, reason));
    }

    private void closed(int number, GqException reason) {
        if (number != streams || stream == null) {
            return;
        }
        stream = null;
        streams++;
        List<Attempt> lost = new ArrayList<>(unanswered.values());
        unanswered.clear();
        lost.forEach(attempt -> attempt.sender().unanswered(attempt, reason));
        failed(reason);
    }
}
