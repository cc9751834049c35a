package io.gq.partition;

import io.gq.core.replication.LogPosition;
import io.gq.partition.log.StoredEntry;
import io.gq.partition.producer.ProducerState;
import io.gq.partition.producer.ProducerStateTable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a partition's snapshot, big-endian. In order: one MANIFEST, PRODUCERS as many as needed, for each entry one ENTRY and
 * then CHUNKs of its payload, one END.
 *
 * <pre>
 *   version u8 = 1, kind u8, body, crc u32 (CRC32C of all before)
 *   MANIFEST  (1): term i64, index i64, startOffset i64, highWatermark i64, timestampMs i64, fromOffset i64
 *   PRODUCERS (2): count i32, then each: producerId i64, state
 *   ENTRY     (3): term i64, index i64, baseOffset i64, endOffset i64, length i32, payloadCrc u32, maxTimestampMs i64
 *   CHUNK     (4): bytes
 *   END       (5): entries i64
 * </pre>
 */
final class SnapshotFrames {

    static final int CHUNK_BYTES = 1 << 20;

    private static final byte VERSION = 1;
    private static final int CRC_BYTES = Integer.BYTES;

    private SnapshotFrames() {}

    enum Kind {
        MANIFEST(1),
        PRODUCERS(2),
        ENTRY(3),
        CHUNK(4),
        END(5);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        static @Nullable Kind of(byte code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            return null;
        }
    }

    /** @param fromOffset what the receiver is known to hold ends there */
    record Manifest(LogPosition position, long startOffset, long highWatermark, long timestampMs, long fromOffset) {}

    /** A frame whose checksum was right. */
    record Frame(Kind kind, ByteBuffer body) {}

    static ByteBuffer manifest(Manifest m) {
        ByteBuffer out = begin(Kind.MANIFEST, 6 * Long.BYTES);
        out.putLong(m.position().term()).putLong(m.position().index());
        out.putLong(m.startOffset())
                .putLong(m.highWatermark())
                .putLong(m.timestampMs())
                .putLong(m.fromOffset());
        return end(out);
    }

    static Manifest manifest(Frame frame) throws IOException {
        ByteBuffer in = body(frame, 6 * Long.BYTES);
        return new Manifest(
                new LogPosition(in.getLong(), in.getLong()), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    static ByteBuffer producers(Map<Long, ProducerState> producers) {
        Map<Long, byte[]> states = new LinkedHashMap<>();
        int bytes = Integer.BYTES;
        for (Map.Entry<Long, ProducerState> p : producers.entrySet()) {
            byte[] state = ProducerStateTable.encode(p.getValue());
            states.put(p.getKey(), state);
            bytes += Long.BYTES + state.length;
        }
        ByteBuffer out = begin(Kind.PRODUCERS, bytes).putInt(states.size());
        states.forEach((id, state) -> out.putLong(id).put(state));
        return end(out);
    }

    static Map<Long, ProducerState> producers(Frame frame) throws IOException {
        ByteBuffer in = frame.body();
        Map<Long, ProducerState> producers = new LinkedHashMap<>();
        try {
            for (int left = in.getInt(); left > 0; left--) {
                producers.put(in.getLong(), ProducerStateTable.decode(in));
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException(
                    "snapshot frame: no producers in " + frame.body().limit() + " bytes: " + e, e);
        }
        return producers;
    }

    static ByteBuffer entry(StoredEntry e) {
        ByteBuffer out = begin(Kind.ENTRY, 5 * Long.BYTES + 2 * Integer.BYTES);
        out.putLong(e.term()).putLong(e.index()).putLong(e.baseOffset()).putLong(e.endOffset());
        return end(out.putInt(e.length()).putInt(e.crc()).putLong(e.maxTimestampMs()));
    }

    static StoredEntry entry(Frame frame) throws IOException {
        ByteBuffer in = body(frame, 5 * Long.BYTES + 2 * Integer.BYTES);
        long term = in.getLong();
        long index = in.getLong();
        long baseOffset = in.getLong();
        long endOffset = in.getLong();
        int length = in.getInt();
        int crc = in.getInt();
        long maxTimestampMs = in.getLong();
        if (length < 1 || baseOffset < 0 || endOffset <= baseOffset) {
            throw new IOException("snapshot frame: entry " + index + " of " + length + " bytes and offsets ["
                    + baseOffset + "," + endOffset + ") (expected: neither empty)");
        }
        return new StoredEntry(term, index, maxTimestampMs, baseOffset, endOffset, length, crc, maxTimestampMs);
    }

    static ByteBuffer chunk(ByteBuffer bytes) {
        return end(begin(Kind.CHUNK, bytes.remaining()).put(bytes.duplicate()));
    }

    static ByteBuffer end(long entries) {
        return end(begin(Kind.END, Long.BYTES).putLong(entries));
    }

    static long entries(Frame end) throws IOException {
        return body(end, Long.BYTES).getLong();
    }

    private static ByteBuffer body(Frame frame, int bytes) throws IOException {
        ByteBuffer body = frame.body();
        if (body.remaining() != bytes) {
            throw new IOException(
                    "snapshot frame: " + frame.kind() + " of " + body.remaining() + " bytes (expected: " + bytes + ")");
        }
        return body;
    }

    static Frame decode(ByteBuffer frame) throws IOException {
        int covered = frame.remaining() - CRC_BYTES;
        if (covered < 2 || crc(frame.slice(frame.position(), covered)) != frame.getInt(frame.position() + covered)) {
            throw new IOException("snapshot frame of " + frame.remaining() + " bytes: checksum is wrong");
        }
        byte version = frame.get(frame.position());
        Kind kind = Kind.of(frame.get(frame.position() + 1));
        if (version != VERSION || kind == null) {
            throw new IOException("snapshot frame: version " + version + ", kind " + frame.get(frame.position() + 1)
                    + " (expected: version " + VERSION + ")");
        }
        return new Frame(kind, frame.slice(frame.position() + 2, covered - 2));
    }

    private static ByteBuffer begin(Kind kind, int bodyBytes) {
        return ByteBuffer.allocate(2 + bodyBytes + CRC_BYTES).put(VERSION).put(kind.code);
    }

    private static ByteBuffer end(ByteBuffer out) {
        int crc = crc(out.duplicate().flip());
        return out.putInt(crc).flip();
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
