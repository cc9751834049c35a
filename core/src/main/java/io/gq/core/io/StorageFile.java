package io.gq.core.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file with positional reads and writes only: there is no cursor to share. Safe for use by many threads. */
public interface StorageFile extends Closeable {

    /** Reads into {@code dst} until it is full or the file ends; returns the bytes read (0 at the end). */
    int read(ByteBuffer dst, long position) throws IOException;

    /** Writes all of {@code src}. Not durable before {@link #force}. */
    void write(ByteBuffer src, long position) throws IOException;

    /** Makes what was written durable (fdatasync). After a failure the file's content is unknown: never call it again. */
    void force() throws IOException;

    /** Cuts or (with a hole of zeros) extends the file. */
    void truncate(long size) throws IOException;

    long size() throws IOException;
}
