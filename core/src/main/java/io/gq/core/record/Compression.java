package io.gq.core.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.xerial.snappy.SnappyOutputStream;

/**
 * How the records of a batch are packed. The bytes are those of Kafka's clients: gzip; snappy in the framing of snappy-java; LZ4
 * frames of independent 64 KiB blocks; zstd frames.
 */
public enum Compression {
    NONE(0),
    GZIP(1),
    SNAPPY(2),
    LZ4(3),
    ZSTD(4);

    /** The bits of a batch's attributes that hold the codec. */
    static final int ATTRIBUTE_MASK = 0x07;

    private static final Compression[] BY_ID = values();
    private static final int STREAM_BYTES = 8192;

    private final int id;

    Compression(int id) {
        this.id = id;
    }

    /** The number in the lowest three bits of a batch's attributes. */
    public int id() {
        return id;
    }

    /** The name in settings and on command lines: {@code none}, {@code gzip}, {@code snappy}, {@code lz4}, {@code zstd}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The codec of that {@link #label}; upper and lower case are the same. */
    public static Optional<Compression> named(String label) {
        return Arrays.stream(BY_ID)
                .filter(c -> c.name().equalsIgnoreCase(label))
                .findFirst();
    }

    /** @throws CorruptBatchException with UNSUPPORTED_COMPRESSION where the bits name no codec */
    static Compression of(short attributes) {
        int id = attributes & ATTRIBUTE_MASK;
        if (id >= BY_ID.length) {
            throw new CorruptBatchException(
                    ErrorCode.UNSUPPORTED_COMPRESSION,
                    "compression: " + id + " (expected: 0 to " + (BY_ID.length - 1) + ")");
        }
        return BY_ID[id];
    }

    /** Packs position to limit, which do not move; the answer shares nothing with {@code raw}. */
    public ByteBuffer compress(ByteBuffer raw) {
        BytesOutput source = new BytesOutput(raw.remaining());
        source.write(raw);
        BytesOutput packed = new BytesOutput(raw.remaining() / 2);
        compress(source.array(), 0, source.size(), packed);
        return packed.toBuffer();
    }

    void compress(byte[] raw, int start, int count, BytesOutput to) {
        if (this == ZSTD) { // in one call: the frame then names its size, and both sides take memory for that size only
            to.ensure(Zstd.compressBound(count));
            to.skip((int) Zstd.compressByteArray(
                    to.array(),
                    to.size(),
                    to.array().length - to.size(),
                    raw,
                    start,
                    count,
                    Zstd.defaultCompressionLevel()));
            return;
        }
        try (OutputStream out = output(to)) {
            out.write(raw, start, count);
        } catch (IOException e) {
            throw new UncheckedIOException("compressing " + count + " bytes with " + label(), e);
        }
    }

    /**
     * Unpacks position to limit, which do not move. {@link #NONE} answers a view of the same bytes, every other codec a new buffer.
     *
     * @param bytesMax no more memory than about twice this is taken, whatever the bytes claim
     * @throws CorruptBatchException with MESSAGE_TOO_LARGE where more than {@code bytesMax} would come out, with CORRUPT_BATCH where
     *     the bytes are none of this codec's
     */
    public ByteBuffer decompress(ByteBuffer packed, int bytesMax) {
        ByteBuffer source = packed.slice();
        if (this == NONE) {
            return source;
        }
        int guess = (int) Math.min(bytesMax, Math.max(512L, 4L * source.remaining()));
        byte[] raw = new byte[guess];
        int size = 0;
        try (InputStream in = input(source, bytesMax)) {
            while (true) {
                int read = size < raw.length ? in.read(raw, size, raw.length - size) : overrun(in, size, bytesMax);
                if (read < 0) {
                    return ByteBuffer.wrap(raw, 0, size).slice();
                }
                if (size == raw.length) {
                    raw = Arrays.copyOf(raw, (int) Math.min(bytesMax, raw.length * 2L));
                    raw[size] = (byte) read;
                    read = 1;
                }
                size += read;
            }
        } catch (CorruptBatchException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // the codecs refuse bad input with exceptions of either kind
            throw new CorruptBatchException("records: no valid " + label() + " data: " + e.getMessage(), e);
        }
    }

    /** The next byte, for which the array has no room yet, or -1 at the end. */
    private int overrun(InputStream in, int size, int bytesMax) throws IOException {
        int next = in.read();
        if (next >= 0 && size >= bytesMax) {
            throw tooLarge(bytesMax);
        }
        return next;
    }

    static CorruptBatchException tooLarge(int bytesMax) {
        return new CorruptBatchException(
                ErrorCode.MESSAGE_TOO_LARGE, "decompressedBytes: more than fit (expected: <= " + bytesMax + ")");
    }

    private OutputStream output(BytesOutput to) throws IOException {
        return switch (this) {
            case NONE, ZSTD -> to;
            case GZIP -> new GZIPOutputStream(to, STREAM_BYTES);
            case SNAPPY -> new SnappyOutputStream(to);
            case LZ4 -> new LZ4FrameOutputStream(to, BLOCKSIZE.SIZE_64KB, FLG.Bits.BLOCK_INDEPENDENCE);
        };
    }

    private InputStream input(ByteBuffer from, int bytesMax) throws IOException {
        return switch (this) {
            case NONE -> new BufferInput(from);
            case GZIP -> new GZIPInputStream(new BufferInput(from), STREAM_BYTES);
            case SNAPPY -> new SnappyInput(from, bytesMax);
            case LZ4 -> new LZ4FrameInputStream(new BufferInput(from));
            case ZSTD -> new ZstdInputStreamNoFinalizer(new BufferInput(from));
        };
    }
}
