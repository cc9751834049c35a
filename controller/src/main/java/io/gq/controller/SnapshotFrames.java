package io.gq.controller;

import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot's bytes cut into frames.
 *
 * <pre>
 *   frame: number from 0 (4) | bytes of the whole snapshot (4) | CRC32C of the 8 bytes before and of the chunk (4) | chunk
 * </pre>
 */
final class SnapshotFrames implements SnapshotReader {

    static final int CHUNK_BYTES = 1 << 20;

    private static final int HEADER_BYTES = 12;
    private static final int CHECKED_HEADER_BYTES = 8;

    private final LogPosition position;
    private final ByteBuffer content;
    private int frames;

    SnapshotFrames(LogPosition position, ByteBuffer content) {
        this.position = position;
        this.content = content.slice();
    }

    @Override
    public LogPosition position() {
        return position;
    }

    @Override
    public @Nullable ByteBuffer next() {
        if (!content.hasRemaining()) {
            return null;
        }
        ByteBuffer chunk = content.slice(content.position(), Math.min(CHUNK_BYTES, content.remaining()));
        content.position(content.position() + chunk.remaining());
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + chunk.remaining());
        frame.putInt(frames++).putInt(content.limit()).putInt(0).put(chunk).flip();
        frame.putInt(CHECKED_HEADER_BYTES, checksum(frame));
        return frame.asReadOnlyBuffer();
    }

    @Override
    public void close() {}

    /**
     * Puts the frames together again.
     *
     * @throws IOException where a frame is damaged, missing or out of order
     */
    static ByteBuffer join(SnapshotReader snapshot) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        int number = 0;
        int total = -1;
        for (ByteBuffer next = snapshot.next(); next != null; next = snapshot.next()) {
            ByteBuffer frame = next.slice();
            if (frame.remaining() <= HEADER_BYTES || frame.getInt(CHECKED_HEADER_BYTES) != checksum(frame)) {
                throw new IOException("snapshot frame " + number + ": CRC32C does not match");
            }
            if (frame.getInt(0) != number) {
                throw new IOException("snapshot frame: " + frame.getInt(0) + " (expected: " + number + ")");
            }
            int of = frame.getInt(4);
            if (of < 0 || of > CheckpointFormat.BODY_BYTES_MAX || (total >= 0 && of != total)) {
                throw new IOException("snapshot length: " + of + " bytes (expected: <= "
                        + CheckpointFormat.BODY_BYTES_MAX + ", the same in every frame)");
            }
            total = of;
            if (content.size() + (long) frame.remaining() - HEADER_BYTES > total) {
                throw new IOException("snapshot frame " + number + ": beyond the end at " + total + " bytes");
            }
            byte[] chunk = new byte[frame.remaining() - HEADER_BYTES];
            frame.get(HEADER_BYTES, chunk);
            content.write(chunk, 0, chunk.length);
            number++;
        }
        if (content.size() != total) {
            throw new IOException("snapshot: " + content.size() + " bytes (expected: " + Math.max(0, total) + ")");
        }
        return ByteBuffer.wrap(content.toByteArray());
    }

    private static int checksum(ByteBuffer frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame.slice(0, CHECKED_HEADER_BYTES));
        crc.update(frame.slice(HEADER_BYTES, frame.limit() - HEADER_BYTES));
        return (int) crc.getValue();
    }
}
