package io.gq.chaos;

import io.gq.it.cluster.DataFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The disk of one broker rots, or is lost, while the broker is down. Never begun before every broker is whole, and healed when this
 * one is whole again: one disk of three at a time, which is what has to be survived.
 */
final class DamageFault implements Fault {

    private static final Duration WHOLE_BEFORE = Duration.ofSeconds(20);
    private static final Duration WHOLE_AFTER = Duration.ofSeconds(60);
    private static final int BLOCK = 4096;
    private static final String SET_ASIDE = "/damaged/"; // replicas given up earlier, of no use to anybody

    static final Predicate<String> SEGMENT = name -> name.matches("\\d{20}\\.\\d+\\.log");
    static final Predicate<String> RAFT_LOG = name -> name.matches("log_(inprogress_)?\\d+(-\\d+)?");
    static final Predicate<String> RAFT_META = name -> name.matches("raft-meta(\\.conf)?");

    /** What is done to a data directory; returns what it was. */
    interface Damage {
        String to(Path dataDir, RandomGenerator random) throws IOException, NotInjectedException;
    }

    /** What is done to one file with something in it. */
    private interface FileDamage {
        String to(Path file, long written, RandomGenerator random) throws IOException;
    }

    private final Testbed testbed;
    private final Victims victims;
    private final Damage damage;
    private List<Integer> down = List.of();
    private boolean begun;

    DamageFault(Testbed testbed, Victims victims, Damage damage) {
        this.testbed = testbed;
        this.victims = victims;
        this.damage = damage;
    }

    /** The data directory is gone. */
    static Damage wipe() {
        return (dir, random) -> {
            DataFiles.deleteTree(dir);
            return "data directory deleted";
        };
    }

    /** Two bits of one file, near each other or not. */
    static Damage flip(Predicate<String> files) {
        return inOne(files, (file, written, random) -> {
            long first = (long) (random.nextDouble() * written);
            long second = (long) (random.nextDouble() * written);
            flipBit(file, first, random.nextInt(8));
            flipBit(file, second, random.nextInt(8));
            return "bits flipped at " + first + " and " + second;
        });
    }

    /** A tail of one file, short more often than long. */
    static Damage truncate(Predicate<String> files) {
        return inOne(files, (file, written, random) -> {
            double share = random.nextDouble();
            long left = written - Math.max(1, (long) (share * share * share * written));
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                open.setLength(left);
            }
            return "cut from " + written + " to " + left;
        });
    }

    /** One block of one file. */
    static Damage zero(Predicate<String> files) {
        return inOne(files, (file, written, random) -> {
            long at = (long) (random.nextDouble() * written) / BLOCK * BLOCK;
            int length = (int) Math.min(BLOCK, written - at);
            DataFiles.overwrite(file, at, new byte[length]);
            return "zeros in [" + at + ", " + (at + length) + ")";
        });
    }

    private static Damage inOne(Predicate<String> files, FileDamage damage) {
        return (dir, random) -> {
            List<Path> found = DataFiles.all(dir).stream()
                    .filter(file -> !dir.relativize(file).toString().contains(SET_ASIDE))
                    .filter(file -> files.test(file.getFileName().toString()) && written(file) > 0)
                    .toList();
            if (found.isEmpty()) {
                throw new NotInjectedException("no file of this kind with anything in it");
            }
            Path file = found.get(random.nextInt(found.size()));
            return dir.relativize(file) + ": " + damage.to(file, written(file), random);
        };
    }

    /** Up to the last byte that is not zero: files are made longer ahead of what is written to them. */
    private static long written(Path file) {
        byte[] bytes = DataFiles.read(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static void flipBit(Path file, long position, int bit) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            int value = open.read();
            open.seek(position);
            open.write(value ^ (1 << bit));
        }
    }

    @Override
    public String inject(RandomGenerator random) throws NotInjectedException {
        Recovery recovery = new Recovery(testbed);
        if (!recovery.awaitWhole(WHOLE_BEFORE)) {
            throw new NotInjectedException("not every broker is whole: " + recovery.reasons());
        }
        int victim = victims.take(random);
        down = List.of(victim);
        testbed.broker(victim).kill();
        Path dataDir = testbed.broker(victim).dataDir();
        try {
            String what = damage.to(dataDir, random);
            begun = true;
            return "broker " + victim + ": " + what;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void heal() {
        down.forEach(node -> testbed.broker(node).start());
        down.forEach(victims::release);
        Recovery recovery = new Recovery(testbed);
        if (begun && !recovery.awaitWhole(WHOLE_AFTER)) {
            throw new IllegalStateException(
                    "not whole within " + WHOLE_AFTER.toSeconds() + " s: " + recovery.reasons());
        }
    }
}
