package io.gq.client.producer;

import com.google.protobuf.ByteString;
import io.gq.client.GqException;
import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordBatches;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records of one partition on their way together.
 *
 * <pre>
 *   OPEN --closed--> READY --sent--> IN FLIGHT --acknowledged or failed--> DONE
 *                      ^----------------'  known not to be appended: goes back, to be numbered anew
 * </pre>
 *
 * Open batches belong to their queue, which locks. {@link #encode} may be called by any thread. Everything from sending on belongs
 * to the sender's loop.
 */
final class ProducerBatch {

    final TopicPartition topicPartition;
    final long createdNanos;
    final long deadlineNanos;
    final long timeoutNanos;
    /** Done when every record's future is. */
    final CompletableFuture<Void> finished = new CompletableFuture<>();

    private final RecordBatchBuilder builder;
    private final List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>();
    private long[] timestamps = new long[16];
    private @Nullable ByteBuffer encoded;
    private long reservedBytes;

    // the sender's
    @Nullable
    ByteString topicId;

    int baseSequence = RecordBatch.NO_SEQUENCE;
    /** Counts how often it was numbered anew, so that answers to sends under an old number are known. */
    int numbering;
    /** The try of its partition it was last sent in; -1: in none yet. */
    int generation = -1;
    /** Sends without an answer that may still come. */
    int outstanding;
    /** A send got no answer and none will come, or one that left it open. */
    boolean lost;

    int sends;
    long sentNanos;
    boolean done;

    ProducerBatch(
            TopicPartition topicPartition,
            Compression compression,
            int initialBytes,
            long nowNanos,
            long timeoutNanos) {
        this.topicPartition = topicPartition;
        this.builder = new RecordBatchBuilder(compression, initialBytes);
        this.createdNanos = nowNanos;
        this.timeoutNanos = timeoutNanos;
        this.deadlineNanos = nowNanos + timeoutNanos;
    }

    boolean hasRoomFor(ProducerRecord record, int batchBytes) {
        return builder.hasRoomFor(record.key(), record.value(), record.headers(), batchBytes);
    }

    CompletableFuture<RecordMetadata> append(ProducerRecord record, long timestampMs, long bytes) {
        builder.append(timestampMs, record.key(), record.value(), record.headers());
        CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
        futures.add(future);
        int index = futures.size() - 1;
        if (index == timestamps.length) {
            timestamps = Arrays.copyOf(timestamps, 2 * index);
        }
        timestamps[index] = timestampMs;
        reservedBytes += bytes;
        return future;
    }

    int recordsCount() {
        return futures.size();
    }

    /** Bytes of memory taken for it. */
    long reservedBytes() {
        return reservedBytes;
    }

    /** Packs the records, once; whoever comes meanwhile waits. Not before it is closed. */
    synchronized ByteBuffer encode() {
        ByteBuffer bytes = encoded;
        if (bytes == null) {
            bytes = builder.build();
            encoded = bytes;
        }
        return bytes;
    }

    /** Gives the batch its number. A batch numbered before is copied first: a send of the old bytes may not have left yet. */
    void number(ProducerIdentity identity, int sequence) {
        ByteBuffer bytes = encode();
        if (baseSequence != RecordBatch.NO_SEQUENCE) {
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
            copy.put(bytes.duplicate()).flip();
            bytes = copy;
        }
        RecordBatches.stampProducer(bytes, identity.id(), identity.epoch(), sequence);
        synchronized (this) {
            encoded = bytes;
        }
        baseSequence = sequence;
    }

    /** Back to where it was before its first send. Only for a batch known not to be appended. */
    void forgetSends() {
        numbering++;
        generation = -1;
        outstanding = 0;
        lost = false;
    }

    /** True where a send of this batch may have been appended, or may yet be. */
    boolean mayBeAppended() {
        return lost || outstanding > 0;
    }

    /** Completes the futures; runs whatever their owners attached. */
    void acknowledge(long baseOffset, long logAppendTimeMs) {
        for (int i = 0; i < futures.size(); i++) {
            long timestampMs = logAppendTimeMs >= 0 ? logAppendTimeMs : timestamps[i];
            futures.get(i).complete(new RecordMetadata(topicPartition, baseOffset + i, timestampMs));
        }
        finished.complete(null);
    }

    /** Completes the futures; runs whatever their owners attached. */
    void fail(GqException reason) {
        futures.forEach(f -> f.completeExceptionally(reason));
        finished.complete(null);
    }
}
