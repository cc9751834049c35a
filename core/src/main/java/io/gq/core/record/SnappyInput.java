package io.gq.core.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.xerial.snappy.Snappy;

/**
 * Reads snappy in the framing of snappy-java: a header of 16 bytes (magic, version, least compatible version), then blocks, each
 * after its length (i32). Streams may follow each other, and one bare block without any framing is accepted: some clients send it.
 *
 * <p>Unlike the library's own stream it takes no memory on a length's bare word. Not thread-safe.
 */
final class SnappyInput extends InputStream {

    private static final long MAGIC = 0x82534e4150505900L;
    private static final int MAGIC_HEAD = (int) (MAGIC >>> 32);
    private static final int MAGIC_BYTES = 8;
    private static final int HEADER_BYTES = 16;
    private static final int VERSION = 1;
    /** Above what the format can reach (64 bytes from a copy of 3), so a claim beyond it is false. */
    private static final int RATIO_MAX = 32;

    private final ByteBuffer in;
    private final int bytesMax;
    private byte[] block = new byte[0];
    private int next;

    SnappyInput(ByteBuffer in, int bytesMax) throws IOException {
        this.in = in;
        this.bytesMax = bytesMax;
        if (in.remaining() >= MAGIC_BYTES && in.getLong(in.position()) == MAGIC) {
            header();
        } else {
            block = uncompress(in.remaining());
        }
    }

    @Override
    public int read() throws IOException {
        return more() ? block[next++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int start, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int read = Math.min(count, block.length - next);
        System.arraycopy(block, next, to, start, read);
        next += read;
        return read;
    }

    private boolean more() throws IOException {
        while (next == block.length) {
            if (!in.hasRemaining()) {
                return false;
            }
            if (in.remaining() < Integer.BYTES) {
                throw new IOException("snappy block length cut short");
            }
            if (in.getInt(in.position()) == MAGIC_HEAD) {
                header();
            } else {
                block = uncompress(in.getInt());
                next = 0;
            }
        }
        return true;
    }

    private void header() throws IOException {
        if (in.remaining() < HEADER_BYTES || in.getLong() != MAGIC) {
            throw new IOException("snappy header cut short");
        }
        int version = in.getInt();
        in.getInt();
        if (version < VERSION) {
            throw new IOException("snappy version: " + version + " (expected: >= " + VERSION + ")");
        }
    }

    private byte[] uncompress(int packedBytes) throws IOException {
        if (packedBytes <= 0 || packedBytes > in.remaining()) {
            throw new IOException("snappy block: " + packedBytes + " bytes (expected: 1 to " + in.remaining() + ")");
        }
        byte[] packed = new byte[packedBytes];
        in.get(packed);
        int claimed = Snappy.uncompressedLength(packed, 0, packedBytes);
        if (claimed < 0 || claimed > (long) RATIO_MAX * packedBytes) {
            throw new IOException("snappy block claims " + claimed + " bytes of " + packedBytes);
        }
        if (claimed > bytesMax) {
            throw Compression.tooLarge(bytesMax);
        }
        byte[] raw = new byte[claimed];
        int got = Snappy.uncompress(packed, 0, packedBytes, raw, 0);
        if (got != claimed) {
            throw new IOException("snappy block: " + got + " bytes came out (expected: " + claimed + ")");
        }
        return raw;
    }
}
