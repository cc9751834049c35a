package io.gq.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small ext4 file system in a file, for one node: what happens to it happens to nobody else. Written out lazily (the journal is
 * committed once a minute where nobody syncs), so that a loss of power finds something to lose. Needs root.
 */
final class LoopDisk implements AutoCloseable {

    private static final long SIZE = 1L << 30;

    private final Path mountPoint;
    private @Nullable String device;
    private boolean frozen;

    private LoopDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** @throws HostCommandException where the machine does not permit it; nothing is left behind then */
    static LoopDisk make(Path image, Path mountPoint) {
        LoopDisk disk = new LoopDisk(mountPoint);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
            Files.createDirectories(mountPoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            HostCommand.run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
            disk.device = HostCommand.run("losetup", "-f", "--show", image.toString());
            disk.mount();
            return disk;
        } catch (HostCommandException e) {
            disk.close();
            throw e;
        }
    }

    /** Takes away the mounts below a directory that a run left behind which was killed itself. */
    static void removeLeftovers(Path dir) {
        List<String> mounts;
        try {
            mounts = Files.readAllLines(Path.of("/proc/mounts"));
        } catch (IOException e) {
            return; // another system: no mounts of ours
        }
        for (String line : mounts) {
            String[] words = line.split(" ", -1);
            if (words[0].startsWith("/dev/loop") && Path.of(words[1]).startsWith(dir)) {
                HostCommand.attempt("fsfreeze", "-u", words[1]);
                HostCommand.attempt("umount", "-l", words[1]);
                HostCommand.attempt("losetup", "-d", words[0]);
            }
        }
    }

    private void mount() {
        HostCommand.run(
                "mount", "-t", "ext4", "-o", "commit=60,noatime", String.valueOf(device), mountPoint.toString());
    }

    Path mountPoint() {
        return mountPoint;
    }

    /** Mounts it again as after a loss of power: by then nobody may have a file of it open. */
    void remount() {
        HostCommand.run("umount", mountPoint.toString());
        mount();
    }

    /** Every write and sync waits until {@link #thaw}. */
    synchronized void freeze() {
        frozen = true;
        HostCommand.run("fsfreeze", "-f", mountPoint.toString());
    }

    synchronized void thaw() {
        if (frozen) {
            frozen = false;
            HostCommand.run("fsfreeze", "-u", mountPoint.toString());
        }
    }

    /**
     * Takes the room away until so many bytes are left.
     *
     * @param leave 0: until nothing can be written
     */
    void fill(long leave) {
        try {
            long free = Files.getFileStore(mountPoint).getUsableSpace() - leave;
            if (free > 0) {
                HostCommand.attempt("fallocate", "-l", Long.toString(free), filler().toString());
            }
            if (leave == 0) {
                writeToTheLastByte();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeToTheLastByte() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(mountPoint.resolve("filler2"))) {
            for (long written = 0; written < SIZE; written += block.length) {
                out.write(block);
            }
        } catch (IOException e) {
            // no room is left: what was wanted
        }
    }

    void unfill() {
        try {
            Files.deleteIfExists(filler());
            Files.deleteIfExists(mountPoint.resolve("filler2"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path filler() {
        return mountPoint.resolve("filler");
    }

    /** Takes the mount away; the image stays. Nobody may use it any more. */
    @Override
    public synchronized void close() {
        try {
            thaw();
        } catch (HostCommandException e) {
            // the next ones show whether it matters
        }
        if (HostCommand.attempt("umount", mountPoint.toString()).exit() != 0) {
            HostCommand.attempt("umount", "-l", mountPoint.toString());
        }
        if (device != null) {
            HostCommand.attempt("losetup", "-d", device);
            device = null;
        }
    }
}
