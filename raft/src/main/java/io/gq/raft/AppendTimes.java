package io.gq.raft;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** When each leader's last append came in, over all groups. Called for every append, so it is one look-up and one write. Thread-safe. */
final class AppendTimes {

    private record Sender(NodeId node, AtomicLong nanos) {}

    private final LongSupplier nanoClock;
    private final Map<ByteString, Sender> senders = new ConcurrentHashMap<>();

    AppendTimes(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** @param peer a Raft peer id */
    void heard(ByteString peer) {
        long now = nanoClock.getAsLong();
        Sender sender = senders.get(peer);
        if (sender == null) {
            NodeId node = PeerId.parse(peer.toStringUtf8()).node();
            sender = senders.computeIfAbsent(peer, p -> new Sender(node, new AtomicLong()));
        }
        sender.nanos().lazySet(now);
    }

    OptionalLong last(NodeId node) {
        return senders.values().stream()
                .filter(sender -> sender.node().equals(node))
                .mapToLong(sender -> sender.nanos().get())
                .max();
    }
}
