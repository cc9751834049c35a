package io.gq.core.service;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Appends to partitions led by this node. Safe for use by many threads. */
public interface ProduceService {

    /**
     * Appends one record batch. Calls for one partition from one thread are appended in call order.
     *
     * @param batch one record batch v2, position to limit, writable; owned by the service from here on
     * @param timeout the batch is not begun after it
     * @return completes when the batch is committed; exceptionally with a {@link io.gq.core.BrokerException}
     */
    CompletableFuture<Produced> produce(
            Principal principal, TopicSpec topic, int partition, ByteBuffer batch, Duration timeout);

    /**
     * @param logAppendTimeMs -1 where the records carry their producer's time
     * @param duplicate the batch had been appended before; {@code baseOffset} is the original one
     */
    record Produced(long baseOffset, long term, long logAppendTimeMs, long logStartOffset, boolean duplicate) {}
}
