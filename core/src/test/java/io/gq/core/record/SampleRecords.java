package io.gq.core.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Records drawn from a seed, every shape among them: null and empty parts, headers, repeated and random bytes. */
final class SampleRecords {

    private static final long TIME_MS = 1_700_000_000_000L;
    private static final String KEY_LETTERS = "abcXYZ 09-ä€";

    private final SplittableRandom random;

    SampleRecords(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A record yet without a place: its offset is its index in the list. */
    List<Record> records(int count) {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new Record(i, TIME_MS + random.nextInt(-5_000, 5_000), bytes(40), bytes(300), headers()));
        }
        return records;
    }

    List<Record> records() {
        return records(random.nextInt(1, 60));
    }

    static RecordBatchBuilder builder(Compression compression, List<Record> records) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression, 256);
        records.forEach(r -> builder.append(r.timestampMs(), r.key(), r.value(), r.headers()));
        return builder;
    }

    static ByteBuffer batch(Compression compression, List<Record> records) {
        return builder(compression, records).build();
    }

    static @Nullable ByteBuffer utf8(@Nullable String text) {
        return text == null ? null : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable ByteBuffer bytes(int max) {
        int shape = random.nextInt(8);
        if (shape == 0) {
            return null;
        }
        byte[] bytes = new byte[shape == 1 ? 0 : random.nextInt(1, max)];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        }
        return ByteBuffer.wrap(bytes);
    }

    private List<RecordHeader> headers() {
        List<RecordHeader> headers = new ArrayList<>();
        int count = random.nextInt(3) > 0 ? 0 : random.nextInt(1, 5);
        for (int i = 0; i < count; i++) {
            StringBuilder key = new StringBuilder();
            int letters = random.nextInt(6);
            for (int j = 0; j < letters; j++) {
                key.append(KEY_LETTERS.charAt(random.nextInt(KEY_LETTERS.length())));
            }
            headers.add(new RecordHeader(key.toString(), bytes(20)));
        }
        return headers;
    }
}
