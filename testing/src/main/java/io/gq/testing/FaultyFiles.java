package io.gq.testing;

import io.gq.core.io.StorageFile;
import io.gq.core.io.StorageFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A file system in memory that behaves as badly as a real one may. From one seed, the same faults.
 *
 * <ul>
 *   <li>{@link #crash}: of what was written and not forced, any subset of blocks of 512 B or 4 KiB survives, some torn; names that
 *       were made, deleted or renamed without {@link #syncDirectory} may be as before; sizes, too.
 *   <li>{@link #powerOffAt}: the crash comes in the middle of an operation, chosen by its number.
 *   <li>{@link #failWrite}, {@link #failForce}: EIO. A failed force loses blocks silently; a second force of the file then
 *       succeeds, as on Linux, and is counted in {@link #forcesAfterFailure}.
 *   <li>{@link #limitBytes}: ENOSPC. {@link #flipBit}, {@link #flipBitOnRead}: damage at rest and on the way.
 * </ul>
 *
 * Directories above a file must be made first. Safe for use by many threads, though only one thread repeats exactly.
 */
public final class FaultyFiles implements StorageFiles {

    private final RandomGenerator random;
    private final FileNames names = new FileNames();
    private final List<Fault> faults = new ArrayList<>();
    private long quotaBytes = Long.MAX_VALUE;
    private long operations;
    private long powerOffAt = Long.MAX_VALUE;
    private boolean powerOff;
    private int generation;
    private int forcesAfterFailure;

    public FaultyFiles(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** What the next fault waits for. */
    private enum Call {
        READ,
        WRITE,
        FORCE
    }

    private static final class Fault {
        final Call call;
        final Predicate<Path> where;
        int left;

        Fault(Call call, Predicate<Path> where, int nth) {
            this.call = call;
            this.where = where;
            this.left = nth;
        }
    }

    /** A change of the file system: one that the power may fail in the middle of. */
    private interface Operation {
        void run() throws IOException;
    }

    // What a test does to it.

    /** Loses power now, and comes back: files opened before are dead, planned faults and the power cut are forgotten. */
    public synchronized void crash() {
        names.crash(random).forEach(content -> content.crash(random));
        faults.clear();
        powerOff = false;
        powerOffAt = Long.MAX_VALUE;
        generation++;
    }

    /**
     * The {@code nth} change from here on (1: the next one) may or may not take effect, and throws {@link PowerLostException}; so
     * does everything after it, until {@link #crash}. A change is a write, force, truncate, creation, deletion, rename or directory
     * sync.
     */
    public synchronized void powerOffAt(long nth) {
        powerOffAt = operations + nth;
    }

    /** Changes so far, for {@link #powerOffAt}. */
    public synchronized long operations() {
        return operations;
    }

    /** The {@code nth} write from here on (1: the next one) to such a file fails in part. */
    public synchronized void failWrite(Predicate<Path> where, int nth) {
        faults.add(new Fault(Call.WRITE, where, nth));
    }

    public void failWrite(int nth) {
        failWrite(path -> true, nth);
    }

    /** The {@code nth} force from here on (1: the next one) of such a file fails. */
    public synchronized void failForce(Predicate<Path> where, int nth) {
        faults.add(new Fault(Call.FORCE, where, nth));
    }

    public void failForce(int nth) {
        failForce(path -> true, nth);
    }

    /** The {@code nth} read from here on (1: the next one) of such a file answers one wrong bit; the file itself is unharmed. */
    public synchronized void flipBitOnRead(Predicate<Path> where, int nth) {
        faults.add(new Fault(Call.READ, where, nth));
    }

    /** Damages a file at rest. */
    public synchronized void flipBit(Path path, long position, int bit) {
        content(path).flipBit(position, bit);
    }

    /** Room for all files together, as their sizes count it; {@code Long.MAX_VALUE} takes the limit away. */
    public synchronized void limitBytes(long bytes) {
        quotaBytes = bytes;
    }

    public synchronized long usedBytes() {
        return names.usedBytes();
    }

    /** What a program would read from the file now. */
    public synchronized byte[] bytes(Path path) {
        FileContent content = content(path);
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(content.size()));
        content.read(all, 0);
        return all.array();
    }

    /** How often a file was forced again after its force had failed: what must never be done. */
    public synchronized int forcesAfterFailure() {
        return forcesAfterFailure;
    }

    // What the code under test does with it.

    @Override
    public synchronized StorageFile open(Path path) throws IOException {
        checkPower();
        Path name = path.normalize();
        FileNames.Node node = names.get(name);
        if (node == null) {
            checkDirectory(name.getParent());
            change(() -> names.create(name, new FileNames.Node(new FileContent())));
        } else if (node.isDirectory()) {
            throw new IOException(path + ": is a directory (expected: a file)");
        }
        return new OpenFile(name, content(name), generation);
    }

    @Override
    public synchronized boolean exists(Path path) {
        try {
            checkPower();
        } catch (PowerLostException e) {
            throw new UncheckedIOException(e);
        }
        Path name = path.normalize();
        return names.get(name) != null || names.isDirectory(name);
    }

    @Override
    public synchronized List<Path> list(Path directory) throws IOException {
        checkPower();
        return names.children(directory.normalize()).stream()
                .map(path -> Objects.requireNonNull(path.getFileName()))
                .toList();
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        checkPower();
        Path name = directory.normalize();
        if (names.isDirectory(name)) {
            return;
        }
        if (names.get(name) != null) {
            throw new IOException(directory + ": is a file (expected: a directory)");
        }
        Path parent = Objects.requireNonNull(name.getParent());
        createDirectories(parent);
        change(() -> names.create(name, FileNames.Node.directory()));
        change(() -> names.sync(parent));
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        checkPower();
        Path name = path.normalize();
        if (!names.children(name).isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        if (names.get(name) != null) {
            change(() -> names.delete(name));
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        checkPower();
        if (names.get(from.normalize()) == null) {
            throw new NoSuchFileException(from.toString());
        }
        checkDirectory(to.normalize().getParent());
        change(() -> names.rename(from.normalize(), to.normalize()));
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        checkPower();
        checkDirectory(directory.normalize());
        change(() -> names.sync(directory.normalize()));
    }

    private void checkDirectory(Path directory) throws NoSuchFileException {
        if (!names.isDirectory(directory)) {
            throw new NoSuchFileException(String.valueOf(directory));
        }
    }

    private FileContent content(Path path) {
        FileNames.Node node = names.get(path.normalize());
        if (node == null || node.content() == null) {
            throw new IllegalArgumentException(path + ": no such file");
        }
        return node.content();
    }

    private void checkPower() throws PowerLostException {
        if (powerOff) {
            throw new PowerLostException();
        }
    }

    private void change(Operation operation) throws IOException {
        operations++;
        if (operations < powerOffAt) {
            operation.run();
            return;
        }
        powerOff = true;
        if (random.nextBoolean()) {
            operation.run();
        }
        throw new PowerLostException();
    }

    private boolean fails(Call call, Path path) {
        for (Fault fault : faults) {
            if (fault.call == call && fault.where.test(path) && --fault.left == 0) {
                faults.remove(fault);
                return true;
            }
        }
        return false;
    }

    /** A handle; every call takes the file system's lock. */
    private final class OpenFile implements StorageFile {

        private final Path path;
        private final FileContent content;
        private final int openedIn;
        private boolean closed;
        private boolean forceFailed;

        OpenFile(Path path, FileContent content, int openedIn) {
            this.path = path;
            this.content = content;
            this.openedIn = openedIn;
        }

        @Override
        public int read(ByteBuffer dst, long position) throws IOException {
            synchronized (FaultyFiles.this) {
                checkUsable();
                int start = dst.position();
                int read = content.read(dst, position);
                if (read > 0 && fails(Call.READ, path)) {
                    int at = start + random.nextInt(read);
                    dst.put(at, (byte) (dst.get(at) ^ 1 << random.nextInt(8)));
                }
                return read;
            }
        }

        @Override
        public void write(ByteBuffer src, long position) throws IOException {
            synchronized (FaultyFiles.this) {
                checkUsable();
                if (fails(Call.WRITE, path)) {
                    writePart(src, position, random.nextInt(src.remaining() + 1));
                    throw new IOException(path + ": write at " + position + ": Input/output error");
                }
                long growth = Math.max(0, position + src.remaining() - content.size());
                long room = Math.max(0, quotaBytes - names.usedBytes());
                if (growth > room) {
                    writePart(src, position, (int)
                            Math.max(0, Math.min(src.remaining(), content.size() + room - position)));
                    throw noSpace(position);
                }
                change(() -> content.write(src, position));
                if (random.nextInt(8) == 0) {
                    content.writeBack(random);
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FaultyFiles.this) {
                checkUsable();
                if (forceFailed) {
                    forcesAfterFailure++;
                }
                if (fails(Call.FORCE, path)) {
                    forceFailed = true;
                    content.forceInPart(random);
                    throw new IOException(path + ": force: Input/output error");
                }
                change(content::force);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyFiles.this) {
                checkUsable();
                if (size - content.size() > Math.max(0, quotaBytes - names.usedBytes())) {
                    throw noSpace(size);
                }
                change(() -> content.truncate(size));
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (FaultyFiles.this) {
                checkUsable();
                return content.size();
            }
        }

        @Override
        public void close() {
            synchronized (FaultyFiles.this) {
                closed = true;
            }
        }

        @Override
        public String toString() {
            return path.toString();
        }

        private void writePart(ByteBuffer src, long position, int bytes) throws IOException {
            ByteBuffer part = src.slice(src.position(), bytes);
            change(() -> content.write(part, position));
        }

        private IOException noSpace(long position) {
            return new IOException(path + ": write at " + position + ": No space left on device");
        }

        private void checkUsable() throws IOException {
            checkPower();
            if (closed || openedIn != generation) {
                throw new IOException(path + ": closed" + (closed ? "" : " by a crash"));
            }
        }
    }
}
