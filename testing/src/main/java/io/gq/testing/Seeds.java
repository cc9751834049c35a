package io.gq.testing;

import io.gq.core.record.Compression;
import io.gq.core.record.Record;
import io.gq.core.record.RecordBatchBuilder;
import io.gq.core.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Values drawn from a seed: the same seed, the same values. As a parameter of a JUnit test it names itself, so that a failure shows
 * the seed:
 *
 * <pre>{@code
 *   static Stream<Seeds> seeds() { return Seeds.many(100); }
 *
 *   @ParameterizedTest @MethodSource("seeds")
 *   void shouldReadWhatWasWritten(Seeds seeds) { ... }
 * }</pre>
 *
 * <p>{@code -Dgq.seed=17} makes {@link #many} give that seed alone. Not thread-safe.
 */
public final class Seeds {

    private static final String SEED_PROPERTY = "gq.seed";
    private static final long TIME_MS = ManualClock.START.toEpochMilli();

    private final long seed;
    private final SplittableRandom random;

    private Seeds(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    public static Seeds of(long seed) {
        return new Seeds(seed);
    }

    /** Seeds 0 to {@code count} (exclusive), or the one the property names. */
    public static Stream<Seeds> many(int count) {
        Long wanted = Long.getLong(SEED_PROPERTY);
        return (wanted == null ? LongStream.range(0, count) : LongStream.of(wanted)).mapToObj(Seeds::of);
    }

    /** Runs the test for each of {@link #many}; a failure says which seed it was. */
    public static void check(int count, Property property) {
        many(count).forEach(seeds -> {
            try {
                property.test(seeds);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(seeds + " (repeat with -D" + SEED_PROPERTY + "=" + seeds.seed + "): " + e, e);
            }
        });
    }

    /** What must hold for every seed. */
    @FunctionalInterface
    public interface Property {
        void test(Seeds seeds) throws Exception;
    }

    public long seed() {
        return seed;
    }

    /** The generator behind all values, for code under test that wants one. */
    public RandomGenerator random() {
        return random;
    }

    /** Another source, independent of what is drawn here later. */
    public Seeds split() {
        return new Seeds(random.nextLong());
    }

    /** From {@code low} (inclusive) to {@code high} (inclusive). */
    public int between(int low, int high) {
        return (int) random.nextLong(low, high + 1L);
    }

    /** True once in {@code times}. */
    public boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    public <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    @SafeVarargs
    public final <T> T pick(T... from) {
        return from[random.nextInt(from.length)];
    }

    /** Random bytes, or, as often, bytes that compress well. */
    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        } else {
            byte[] word = new byte[between(1, 8)];
            random.nextBytes(word);
            for (int i = 0; i < length; i++) {
                bytes[i] = word[i % word.length];
            }
        }
        return bytes;
    }

    /** Of random length, both ends inclusive. */
    public byte[] bytes(int lengthMin, int lengthMax) {
        return bytes(between(lengthMin, lengthMax));
    }

    /** Lower-case letters. */
    public String word(int lengthMin, int lengthMax) {
        StringBuilder word = new StringBuilder();
        for (int i = between(lengthMin, lengthMax); i > 0; i--) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }

    /** A record at an offset: null and empty parts and headers occur. */
    public Record record(long offset, int valueBytesMax) {
        List<RecordHeader> headers = new ArrayList<>();
        for (int i = oneIn(4) ? between(1, 3) : 0; i > 0; i--) {
            headers.add(new RecordHeader(word(0, 8), part(16)));
        }
        return new Record(offset, TIME_MS + between(0, 10_000), part(24), part(valueBytesMax), headers);
    }

    /** Records at offsets from 0 on. */
    public List<Record> records(int count, int valueBytesMax) {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(record(i, valueBytesMax));
        }
        return records;
    }

    /** A whole batch of 1 to 20 small records with any codec, of no producer: position 0 to limit, writable. */
    public ByteBuffer batch() {
        return batch(pick(Compression.values()), records(between(1, 20), 200));
    }

    /** A whole batch of an idempotent producer. */
    public ByteBuffer batch(int recordsCount, long producerId, short producerEpoch, int baseSequence) {
        return builder(pick(Compression.values()), records(recordsCount, 200))
                .producer(producerId, producerEpoch, baseSequence)
                .build();
    }

    /** A whole batch of these records, of no producer. */
    public static ByteBuffer batch(Compression compression, List<Record> records) {
        return builder(compression, records).build();
    }

    private static RecordBatchBuilder builder(Compression compression, List<Record> records) {
        RecordBatchBuilder builder = new RecordBatchBuilder(compression, 1024);
        records.forEach(r -> builder.append(r.timestampMs(), r.key(), r.value(), r.headers()));
        return builder;
    }

    private @Nullable ByteBuffer part(int lengthMax) {
        return oneIn(8) ? null : ByteBuffer.wrap(bytes(0, lengthMax));
    }

    @Override
    public String toString() {
        return "seed=" + seed;
    }
}
