package io.gq.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** Steers the library between one broker and the system; what is set holds at once and over restarts. */
final class Shim {

    static final int EIO = 5;

    private static final int CLOCK_OFFSET = 0;
    private static final int SYNC_ERROR = 1;
    private static final int SYNC_SKIP = 2;
    private static final int EFFECTS = 3;
    private static final int FIELDS = 4;

    private final Path library;
    private final Path control;

    Shim(Path library, Path control) {
        this.library = library;
        this.control = control;
        for (int field = 0; field < FIELDS; field++) {
            write(field, 0);
        }
    }

    /** Words that put the library before a program. */
    List<String> launcher() {
        return List.of("env", "LD_PRELOAD=" + library, "CHAOS_CONTROL=" + control);
    }

    /** Added to what the wall clock says; zero: it is right. */
    void clockOffset(Duration offset) {
        write(CLOCK_OFFSET, offset.toNanos());
    }

    /** Every sync fails with this error number; 0: they work. */
    void syncError(int errno) {
        write(SYNC_ERROR, errno);
    }

    /** Syncs say yes and do nothing: a broker that loses data then shows that the suite would see it. */
    void skipSyncs(boolean skip) {
        write(SYNC_SKIP, skip ? 1 : 0);
    }

    /** How often something was changed on the way so far. */
    long effects() {
        ByteBuffer value = number();
        try (FileChannel file = FileChannel.open(control, StandardOpenOption.READ)) {
            int read = file.read(value, (long) EFFECTS * Long.BYTES);
            return read < Long.BYTES ? 0 : value.flip().getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(int field, long value) {
        try (FileChannel file = FileChannel.open(control, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = number().putLong(value).flip();
            int written = file.write(bytes, (long) field * Long.BYTES);
            if (written != Long.BYTES) {
                throw new IOException(control + ": " + written + " bytes written (expected: " + Long.BYTES + ")");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer number() {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    }
}
