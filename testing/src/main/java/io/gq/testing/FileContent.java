package io.gq.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one file, twice: as programs see them, and as the disk holds them. Blocks that were written and not forced are dirty:
 * each may reach the disk at any moment, or never. Arrays are shared by both views until a write touches them. Guarded by
 * {@link FaultyFiles}.
 */
final class FileContent {

    static final int BLOCK_BYTES = 512;
    /** Blocks that live or die together where a page, not a sector, is what gets written back. */
    private static final int PAGE_BLOCKS = 8;

    private final Map<Long, byte[]> cached = new HashMap<>();
    private final Map<Long, byte[]> onDisk = new HashMap<>();
    private final NavigableSet<Long> dirty = new TreeSet<>();
    private long size;
    private long sizeOnDisk;

    long size() {
        return size;
    }

    int read(ByteBuffer to, long position) {
        int read = 0;
        while (to.hasRemaining() && position + read < size) {
            long at = position + read;
            int inBlock = (int) (at % BLOCK_BYTES);
            int count = (int) Math.min(Math.min(to.remaining(), BLOCK_BYTES - inBlock), size - at);
            byte[] block = cached.get(at / BLOCK_BYTES);
            to.put(block == null ? new byte[count] : block, block == null ? 0 : inBlock, count);
            read += count;
        }
        return read;
    }

    void write(ByteBuffer from, long position) {
        if (!from.hasRemaining()) {
            return; // a write of nothing does not move the end
        }
        long at = position;
        while (from.hasRemaining()) {
            int inBlock = (int) (at % BLOCK_BYTES);
            int count = Math.min(from.remaining(), BLOCK_BYTES - inBlock);
            long number = at / BLOCK_BYTES;
            if (cached.containsKey(number) || !zeros(from, count)) {
                from.get(writable(number), inBlock, count);
            } else {
                from.position(from.position() + count);
            }
            at += count;
        }
        size = Math.max(size, at);
    }

    void truncate(long newSize) {
        if (newSize < size) {
            long keptBlocks = (newSize + BLOCK_BYTES - 1) / BLOCK_BYTES;
            for (Long number : new TreeSet<>(cached.keySet()).tailSet(keptBlocks)) {
                cached.remove(number);
                dirty.add(number);
            }
            int inBlock = (int) (newSize % BLOCK_BYTES);
            if (inBlock > 0 && cached.containsKey(newSize / BLOCK_BYTES)) {
                Arrays.fill(writable(newSize / BLOCK_BYTES), inBlock, BLOCK_BYTES, (byte) 0);
            }
        }
        size = newSize;
    }

    /** Everything written reaches the disk. */
    void force() {
        dirty.forEach(this::persist);
        dirty.clear();
        sizeOnDisk = size;
    }

    /** An fsync that failed: some blocks reached the disk; the others are forgotten, as the kernel forgets them. */
    void forceInPart(RandomGenerator random) {
        for (Long number : dirty) {
            if (random.nextBoolean()) {
                persist(number);
            }
        }
        dirty.clear();
    }

    /** The kernel writes one dirty block back on its own account. */
    void writeBack(RandomGenerator random) {
        if (!dirty.isEmpty()) {
            long number = random.nextLong(dirty.first(), dirty.last() + 1);
            persist(dirty.ceiling(number));
        }
    }

    /** Power is lost and comes back: what is left is what the disk holds, with any part of what was dirty. */
    void crash(RandomGenerator random) {
        int survivalPercent = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 100;
            default -> random.nextInt(101);
        };
        int unitBlocks = random.nextBoolean() ? 1 : PAGE_BLOCKS;
        long unit = -1;
        boolean survives = false;
        for (Long number : dirty) {
            if (number / unitBlocks != unit) {
                unit = number / unitBlocks;
                survives = random.nextInt(100) < survivalPercent;
            }
            if (survives && survivalPercent < 100 && random.nextInt(16) == 0) {
                tear(number, random.nextInt(BLOCK_BYTES));
            } else if (survives) {
                persist(number);
            }
        }
        dirty.clear();
        long survivedSize = survivedSize(random);
        cached.clear();
        cached.putAll(onDisk);
        size = Math.max(size, sizeOnDisk);
        truncate(survivedSize);
        force();
    }

    /** Damages what is at rest, on the disk and in memory. */
    void flipBit(long position, int bit) {
        byte[] block = writable(position / BLOCK_BYTES);
        block[(int) (position % BLOCK_BYTES)] ^= (byte) (1 << bit);
        persist(position / BLOCK_BYTES);
    }

    private long survivedSize(RandomGenerator random) {
        if (size <= sizeOnDisk) {
            return random.nextBoolean() ? size : sizeOnDisk;
        }
        long between = random.nextLong(sizeOnDisk, size + 1);
        return switch (random.nextInt(3)) {
            case 0 -> sizeOnDisk;
            case 1 -> size;
            default ->
                between / BLOCK_BYTES * BLOCK_BYTES < sizeOnDisk ? sizeOnDisk : between / BLOCK_BYTES * BLOCK_BYTES;
        };
    }

    /** Only the first bytes of the block got there. */
    private void tear(Long number, int bytes) {
        byte[] torn = new byte[BLOCK_BYTES];
        copy(onDisk.get(number), torn, 0, BLOCK_BYTES);
        Arrays.fill(torn, 0, bytes, (byte) 0);
        copy(cached.get(number), torn, 0, bytes);
        onDisk.put(number, torn);
    }

    private static void copy(byte @Nullable [] from, byte[] to, int start, int count) {
        if (from != null) {
            System.arraycopy(from, start, to, start, count);
        }
    }

    private void persist(Long number) {
        byte[] block = cached.get(number);
        if (block == null) {
            onDisk.remove(number);
        } else {
            onDisk.put(number, block);
        }
    }

    /** The block for writing, its own copy, marked dirty. */
    private byte[] writable(Long number) {
        byte[] block = cached.get(number);
        if (block == null) {
            block = new byte[BLOCK_BYTES];
        } else if (onDisk.get(number) == block) {
            block = block.clone();
        }
        cached.put(number, block);
        dirty.add(number);
        return block;
    }

    private static boolean zeros(ByteBuffer from, int count) {
        for (int i = from.position(); i < from.position() + count; i++) {
            if (from.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
