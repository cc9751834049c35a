package io.gq.partition;

import io.gq.core.record.RecordBatch;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries of a partition as bytes, big-endian.
 *
 * <pre>
 *   version u8 = 1, kind u8
 *   APPEND (1): timestampMs i64, term i64, baseOffset i64, endOffset i64, payloadBytes i32, payloadCrc u32, producersMax i32,
 *               batches i32, then each: bytes i32, offsets i32, maxTimestampMs i64, idempotent u8,
 *               and where idempotent: producerId i64, producerEpoch i16, baseSequence i32
 *   APPEND_INLINE (3): as APPEND, then the payload
 *   TRIM   (2): timestampMs i64, startOffset i64, producersBeforeMs i64, then zeros, as many as the leader likes
 * </pre>
 */
public final class CommandCodec {

    private static final byte VERSION = 1;
    private static final byte APPEND = 1;
    private static final byte TRIM = 2;
    private static final byte APPEND_INLINE = 3;

    private static final int APPEND_BYTES = 2 + 4 * Long.BYTES + 4 * Integer.BYTES;
    private static final int BATCH_BYTES = 2 * Integer.BYTES + Long.BYTES + 1;
    private static final int PRODUCER_BYTES = Long.BYTES + Short.BYTES + Integer.BYTES;
    private static final int TRIM_BYTES = 2 + 3 * Long.BYTES;

    private CommandCodec() {}

    /** Bytes that are no command of this version or any. */
    public static final class MalformedCommandException extends Exception {
        private static final long serialVersionUID = 1L;

        /** Whether a newer version of gq may know what this is: then a replica must not go on without it. */
        private final boolean unknown;

        MalformedCommandException(String message, boolean unknown) {
            super(message);
            this.unknown = unknown;
        }

        public boolean unknown() {
            return unknown;
        }
    }

    public static ByteBuffer encode(PartitionCommand command) {
        if (command instanceof PartitionCommand.Append append) {
            return encode(append);
        }
        PartitionCommand.Trim trim = (PartitionCommand.Trim) command;
        ByteBuffer out = ByteBuffer.allocate(TRIM_BYTES).put(VERSION).put(TRIM);
        return out.putLong(trim.timestampMs())
                .putLong(trim.startOffset())
                .putLong(trim.producersBeforeMs())
                .flip();
    }

    /** The same command, drawn out with zeros to at least so many bytes. */
    public static ByteBuffer encodePadded(PartitionCommand.Trim trim, int bytes) {
        ByteBuffer encoded = encode(trim);
        return ByteBuffer.allocate(Math.max(bytes, encoded.remaining()))
                .put(encoded)
                .clear();
    }

    private static ByteBuffer encode(PartitionCommand.Append append) {
        int bytes = APPEND_BYTES;
        for (BatchDescriptor batch : append.batches()) {
            bytes += BATCH_BYTES + (batch.idempotent() ? PRODUCER_BYTES : 0);
        }
        ByteBuffer payload = append.payload();
        ByteBuffer out = ByteBuffer.allocate(bytes + (payload == null ? 0 : payload.remaining()));
        out.put(VERSION).put(payload == null ? APPEND : APPEND_INLINE);
        out.putLong(append.timestampMs()).putLong(append.term());
        out.putLong(append.baseOffset()).putLong(append.endOffset());
        out.putInt(append.payloadBytes()).putInt(append.payloadCrc()).putInt(append.producersMax());
        out.putInt(append.batches().size());
        for (BatchDescriptor batch : append.batches()) {
            out.putInt(batch.bytes()).putInt(batch.offsets()).putLong(batch.maxTimestampMs());
            out.put((byte) (batch.idempotent() ? 1 : 0));
            if (batch.idempotent()) {
                out.putLong(batch.producerId()).putShort(batch.producerEpoch()).putInt(batch.baseSequence());
            }
        }
        if (payload != null) {
            out.put(payload.duplicate());
        }
        return out.flip();
    }

    /**
     * Reads a command from position to limit; neither moves. A payload it carries is not copied.
     *
     * @throws MalformedCommandException where the bytes are none
     */
    public static PartitionCommand decode(ByteBuffer command) throws MalformedCommandException {
        ByteBuffer in = command.duplicate();
        try {
            byte version = in.get();
            byte kind = in.get();
            if (version != VERSION || kind < APPEND || kind > APPEND_INLINE) {
                throw new MalformedCommandException(
                        "command: version " + version + ", kind " + kind + " (expected: version 1, kind 1 to 3)", true);
            }
            PartitionCommand decoded = switch (kind) {
                case APPEND -> append(in);
                case APPEND_INLINE -> inline(append(in), in);
                default -> trim(in);
            };
            if (in.hasRemaining()) {
                throw new MalformedCommandException("command: " + in.remaining() + " bytes too long", false);
            }
            return decoded;
        } catch (BufferUnderflowException e) {
            throw new MalformedCommandException("command: cut short at " + command.remaining() + " bytes", false);
        }
    }

    private static PartitionCommand.Trim trim(ByteBuffer in) {
        PartitionCommand.Trim trim = new PartitionCommand.Trim(in.getLong(), in.getLong(), in.getLong());
        while (in.hasRemaining() && in.get(in.position()) == 0) {
            in.get();
        }
        return trim;
    }

    private static PartitionCommand.Append inline(PartitionCommand.Append append, ByteBuffer in)
            throws MalformedCommandException {
        if (in.remaining() < append.payloadBytes()) {
            throw new MalformedCommandException(
                    "command: carries " + in.remaining() + " bytes (expected: " + append.payloadBytes() + ")", false);
        }
        ByteBuffer payload = in.slice(in.position(), append.payloadBytes()).asReadOnlyBuffer();
        in.position(in.position() + append.payloadBytes());
        return append.inline(payload);
    }

    private static PartitionCommand.Append append(ByteBuffer in) throws MalformedCommandException {
        long timestampMs = in.getLong();
        long term = in.getLong();
        long baseOffset = in.getLong();
        long endOffset = in.getLong();
        int payloadBytes = in.getInt();
        int payloadCrc = in.getInt();
        int producersMax = in.getInt();
        int count = in.getInt();
        if (count < 1 || count > in.remaining() / BATCH_BYTES) {
            throw new MalformedCommandException(
                    "command: " + count + " batches in " + in.remaining() + " bytes", false);
        }
        List<BatchDescriptor> batches = new ArrayList<>(count);
        long bytes = 0;
        long offsets = 0;
        for (int i = 0; i < count; i++) {
            BatchDescriptor batch = batch(in);
            if (batch.bytes() < RecordBatch.HEADER_BYTES || batch.offsets() < 1 || !isProducerWhole(batch)) {
                throw new MalformedCommandException("command: " + batch, false);
            }
            bytes += batch.bytes();
            offsets += batch.offsets();
            batches.add(batch);
        }
        if (bytes != payloadBytes
                || baseOffset < 0
                || endOffset < baseOffset
                || offsets != endOffset - baseOffset
                || producersMax < 1) {
            throw new MalformedCommandException(
                    "command: offsets [" + baseOffset + "," + endOffset + "), payload " + payloadBytes + ", batches of "
                            + offsets + " offsets and " + bytes + " bytes, producersMax " + producersMax,
                    false);
        }
        return new PartitionCommand.Append(
                timestampMs, term, baseOffset, endOffset, payloadBytes, payloadCrc, producersMax, batches);
    }

    /** Whoever says that a producer is idempotent names it. */
    private static boolean isProducerWhole(BatchDescriptor batch) {
        return batch.idempotent()
                ? batch.producerId() >= 0
                : batch.producerEpoch() == RecordBatch.NO_PRODUCER_EPOCH
                        && batch.baseSequence() == RecordBatch.NO_SEQUENCE;
    }

    private static BatchDescriptor batch(ByteBuffer in) {
        int bytes = in.getInt();
        int offsets = in.getInt();
        long maxTimestampMs = in.getLong();
        return in.get() == 0
                ? new BatchDescriptor(
                        bytes,
                        offsets,
                        maxTimestampMs,
                        RecordBatch.NO_PRODUCER_ID,
                        RecordBatch.NO_PRODUCER_EPOCH,
                        RecordBatch.NO_SEQUENCE)
                : new BatchDescriptor(bytes, offsets, maxTimestampMs, in.getLong(), in.getShort(), in.getInt());
    }
}
