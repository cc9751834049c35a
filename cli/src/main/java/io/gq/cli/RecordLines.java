package io.gq.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into records: the bytes before each LF, and those after the last one, if there are any. Nothing else is
 * changed: a CR stays, bytes need not be text.
 */
final class RecordLines {

    private final InputStream in;
    private byte[] buffer = new byte[64 << 10];
    private int start;
    private int end;

    RecordLines(InputStream in) {
        this.in = in;
    }

    /** The next record, which shares nothing with later ones; null at the end. */
    @Nullable
    ByteBuffer next() throws IOException {
        int scanned = start;
        while (true) {
            for (int i = scanned; i < end; i++) {
                if (buffer[i] == '\n') {
                    ByteBuffer record = take(i);
                    start = i + 1;
                    return record;
                }
            }
            scanned = end - start;
            if (!fill()) {
                if (start == end) {
                    return null;
                }
                ByteBuffer rest = take(end);
                start = end;
                return rest;
            }
        }
    }

    private ByteBuffer take(int to) {
        return ByteBuffer.wrap(Arrays.copyOfRange(buffer, start, to));
    }

    /** Moves what is left to the front and reads more behind it. */
    private boolean fill() throws IOException {
        int left = end - start;
        if (left == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
        } else {
            System.arraycopy(buffer, start, buffer, 0, left);
        }
        start = 0;
        end = left;
        int read = in.read(buffer, end, buffer.length - end);
        end += Math.max(0, read);
        return read > 0;
    }
}
