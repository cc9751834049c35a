package io.gq.partition.log;

import io.gq.core.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The entry index of one segment: a header, then a row an entry, fixed in size, so that a row is found by its number. It serves as
 * index by offset, by Raft index and by timestamp; the first row of each block of {@value #BLOCK_ROWS} is kept in memory, so a search
 * reads one block.
 *
 * <pre>
 *   0 magic i64   8 version i32   12 generation i32   16 baseOffset i64   24 zeros   60 crc u32  CRC32C of the 60 bytes before
 *  64 rows
 * </pre>
 *
 * <p>Rows are added by one thread; any thread may read those added before.
 */
final class EntryIndex {

    static final int HEADER_BYTES = 64;
    static final int BLOCK_ROWS = 64;

    private static final long MAGIC = 0x4751_454E_5452_4958L; // "GQENTRIX"
    private static final int VERSION = 1;
    private static final int HEADER_CRC_AT = 60;
    private static final int LOAD_ROWS = 1024;

    private final StorageFile file;
    private final SegmentName name;
    private Sample[] samples = new Sample[4];
    private int rows;

    EntryIndex(StorageFile file, SegmentName name) {
        this.file = file;
        this.name = name;
    }

    StorageFile file() {
        return file;
    }

    void writeHeader() throws IOException {
        file.write(header(), 0);
    }

    boolean hasHeader() throws IOException {
        ByteBuffer found = ByteBuffer.allocate(HEADER_BYTES);
        file.read(found, 0);
        return found.flip().equals(header());
    }

    /** Adds the next row. */
    void add(EntryRow row) throws IOException {
        file.write(row.encode(), at(rows));
        note(row);
    }

    /** The next row is on disk already. */
    synchronized void note(EntryRow row) {
        if (rows % BLOCK_ROWS == 0) {
            int block = rows / BLOCK_ROWS;
            if (block == samples.length) {
                samples = Arrays.copyOf(samples, block * 2);
            }
            samples[block] = new Sample(row.baseOffset(), row.index(), row.maxTimestampMs());
        }
        rows++;
    }

    synchronized int rows() {
        return rows;
    }

    /** Calls back for each whole row of this generation from number {@code from} on, until one is missing or the answer is false. */
    void scan(int from, Predicate<EntryRow> visitor) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(LOAD_ROWS * EntryRow.BYTES);
        for (int number = from; ; number += LOAD_ROWS) {
            file.read(chunk.clear(), at(number));
            chunk.flip();
            for (int i = 0; i < LOAD_ROWS; i++) {
                EntryRow row = EntryRow.decode(chunk, i * EntryRow.BYTES, name.generation());
                if (row == null || !visitor.test(row)) {
                    return;
                }
            }
        }
    }

    /** The row of that number, if it is whole and of this generation. */
    @Nullable
    EntryRow find(int number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EntryRow.BYTES);
        file.read(bytes, at(number));
        return EntryRow.decode(bytes.flip(), 0, name.generation());
    }

    EntryRow row(int number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EntryRow.BYTES);
        file.read(bytes, at(number));
        return checked(bytes.flip(), 0, number);
    }

    /** Number of the first row whose end offset is greater; {@code limit} where none below it is. */
    int firstEndingAfter(long offset, int limit) throws IOException {
        return first(limit, base -> base <= offset, Sample::baseOffset, row -> row.endOffset() > offset);
    }

    /** Number of the first row at or after the Raft index; {@code limit} where none below it is. */
    int firstFromIndex(long index, int limit) throws IOException {
        return first(limit, i -> i <= index, Sample::index, row -> row.index() >= index);
    }

    /** Number of the first row up to which a timestamp at or after {@code timestampMs} occurs; {@code limit} where none is. */
    int firstFromTimestamp(long timestampMs, int limit) throws IOException {
        return first(limit, t -> t < timestampMs, Sample::maxTimestampMs, row -> row.maxTimestampMs() >= timestampMs);
    }

    private int first(
            int limit,
            LongPredicate sampleBelow,
            java.util.function.ToLongFunction<Sample> key,
            Predicate<EntryRow> wanted)
            throws IOException {
        for (int block = lastBlock(limit, sampleBelow, key); block * BLOCK_ROWS < limit; block++) {
            int from = block * BLOCK_ROWS;
            int count = Math.min(BLOCK_ROWS, limit - from);
            ByteBuffer bytes = ByteBuffer.allocate(count * EntryRow.BYTES);
            file.read(bytes, at(from));
            bytes.flip();
            for (int i = 0; i < count; i++) {
                if (wanted.test(checked(bytes, i * EntryRow.BYTES, from + i))) {
                    return from + i;
                }
            }
        }
        return limit;
    }

    /** The last block whose first row satisfies the predicate; 0 where none does. */
    private synchronized int lastBlock(int limit, LongPredicate below, java.util.function.ToLongFunction<Sample> key) {
        int low = 0;
        int high = (Math.min(limit, rows) - 1) / BLOCK_ROWS;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (below.test(key.applyAsLong(samples[middle]))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private EntryRow checked(ByteBuffer bytes, int at, int number) throws DamagedLogException {
        @Nullable EntryRow row = EntryRow.decode(bytes, at, name.generation());
        if (row == null) {
            throw new DamagedLogException("row " + number + " of index " + name + ": checksum or generation is wrong");
        }
        return row;
    }

    private ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putInt(VERSION).putInt(name.generation()).putLong(name.baseOffset());
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, HEADER_CRC_AT);
        return header.putInt(HEADER_CRC_AT, (int) crc.getValue()).rewind();
    }

    private static long at(int number) {
        return HEADER_BYTES + (long) number * EntryRow.BYTES;
    }

    private record Sample(long baseOffset, long index, long maxTimestampMs) {}
}
