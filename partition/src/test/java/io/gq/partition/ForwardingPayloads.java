package io.gq.partition;

import io.gq.core.replication.PayloadStore;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A payload store with a bug to be planted by overriding. */
class ForwardingPayloads implements PayloadStore {

    private final PayloadStore payloads;

    ForwardingPayloads(PayloadStore payloads) {
        this.payloads = payloads;
    }

    @Override
    public CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload) {
        return payloads.write(term, index, command, payload);
    }

    @Override
    public CompletableFuture<ByteBuffer> read(long term, long index) {
        return payloads.read(term, index);
    }

    @Override
    public void truncate(long index) {
        payloads.truncate(index);
    }

    @Override
    public CompletableFuture<Void> flush(long index) {
        return payloads.flush(index);
    }

    @Override
    public void purged(long index) {
        payloads.purged(index);
    }
}
