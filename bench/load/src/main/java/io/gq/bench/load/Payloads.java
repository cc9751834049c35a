package io.gq.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The values records carry, over and over: lines of a file, or made up. */
public final class Payloads {

    /** Bytes of the time a stamped value begins with. */
    public static final int STAMP_BYTES = Long.BYTES;

    private static final int GENERATED = 1024;
    private static final long FILE_BYTES_MAX = 256L << 20;
    private static final byte[] ALPHABET =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .".getBytes(StandardCharsets.US_ASCII);

    private final byte[][] values;

    private Payloads(List<byte[]> values) {
        this.values = values.toArray(byte[][]::new);
    }

    /** Values of one size, of 64 different bytes without a pattern: a codec makes little of them. */
    public static Payloads generated(int bytes, RandomGenerator random) {
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < GENERATED; i++) {
            byte[] value = new byte[bytes];
            random.nextBytes(value);
            for (int b = 0; b < bytes; b++) {
                value[b] = ALPHABET[value[b] & 63];
            }
            values.add(value);
        }
        return new Payloads(values);
    }

    /**
     * The lines of a file, without their ends; empty ones are left out.
     *
     * @throws IllegalArgumentException where it has none, or is larger than what is kept in memory
     */
    public static Payloads linesOf(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "file: " + Files.size(file) + " bytes (expected: <= " + FILE_BYTES_MAX + ", it is kept in memory)");
        }
        byte[] all = Files.readAllBytes(file);
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= all.length; i++) {
            if (i == all.length || all[i] == '\n') {
                if (i > start) {
                    lines.add(Arrays.copyOfRange(all, start, i));
                }
                start = i + 1;
            }
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("file: " + file + " has no line (expected: at least one)");
        }
        return new Payloads(lines);
    }

    /** The value of a record by its number; shared, not to be changed. */
    byte[] at(long number) {
        return values[Math.floorMod(number, values.length)];
    }

    /** A copy whose first bytes are a time; a value too short for that grows. */
    byte[] stamped(long number, long nanos) {
        byte[] value = at(number);
        byte[] copy = Arrays.copyOf(value, Math.max(value.length, STAMP_BYTES));
        ByteBuffer.wrap(copy).putLong(nanos);
        return copy;
    }

    /** The time a stamped value begins with; 0 where it is too short to have one. */
    static long stamp(ByteBuffer value) {
        return value.remaining() < STAMP_BYTES ? 0 : value.getLong(value.position());
    }
}
