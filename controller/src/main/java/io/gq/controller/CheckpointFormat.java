package io.gq.controller;

import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ClusterImageCodec;
import io.gq.core.GroupId;
import io.gq.core.replication.LogPosition;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The controller's state at a position, as bytes: in the checkpoint file, and cut into frames in a snapshot. Big-endian.
 *
 * <pre>
 *   magic "GQCI" (4) | version (4) | length of the body (4) | CRC32C of the 12 bytes before and of the body (4) | body:
 *   group id (16) | term (8) | index (8) | ClusterImageRecord
 * </pre>
 */
final class CheckpointFormat {

    static final int MAGIC = 0x47514349;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    /** No image comes near it: a million partitions take some 100 MB. */
    static final int BODY_BYTES_MAX = 512 << 20;

    private static final int CHECKED_HEADER_BYTES = 12;
    private static final int PLACE_BYTES = 32;

    private CheckpointFormat() {}

    record Checkpoint(LogPosition position, ClusterImage image) {}

    static ByteBuffer encode(GroupId group, LogPosition position, ClusterImage image) {
        byte[] stored = ClusterImageCodec.encode(image);
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + PLACE_BYTES + stored.length);
        out.putInt(MAGIC).putInt(VERSION).putInt(PLACE_BYTES + stored.length).putInt(0);
        out.putLong(group.value().getMostSignificantBits());
        out.putLong(group.value().getLeastSignificantBits());
        out.putLong(position.term()).putLong(position.index());
        out.put(stored).flip();
        return out.putInt(CHECKED_HEADER_BYTES, checksum(out));
    }

    /** @throws IllegalArgumentException that says what is wrong with the bytes */
    static Checkpoint decode(GroupId group, ByteBuffer bytes) {
        ByteBuffer in = bytes.slice();
        expect(
                in.remaining() >= HEADER_BYTES + PLACE_BYTES,
                "length: " + in.remaining() + " bytes (expected: a header)");
        expect(in.getInt(0) == MAGIC, "magic: " + Integer.toHexString(in.getInt(0)) + " (expected: 47514349)");
        expect(in.getInt(4) == VERSION, "version: " + in.getInt(4) + " (expected: " + VERSION + ")");
        expect(
                in.getInt(8) == in.remaining() - HEADER_BYTES,
                "length of the body: " + in.getInt(8) + " (expected: " + (in.remaining() - HEADER_BYTES) + ")");
        expect(in.getInt(CHECKED_HEADER_BYTES) == checksum(in), "CRC32C does not match");
        in.position(HEADER_BYTES);
        GroupId of = new GroupId(new UUID(in.getLong(), in.getLong()));
        expect(of.equals(group), "group: " + of + " (expected: " + group + ")");
        LogPosition position = new LogPosition(in.getLong(), in.getLong());
        return new Checkpoint(position, ClusterImageCodec.decode(in));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CHECKED_HEADER_BYTES));
        crc.update(bytes.slice(HEADER_BYTES, bytes.limit() - HEADER_BYTES));
        return (int) crc.getValue();
    }

    private static void expect(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
