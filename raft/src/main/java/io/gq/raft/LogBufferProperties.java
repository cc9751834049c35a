package io.gq.raft;

import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.jspecify.annotations.Nullable;

/**
 * Properties under which a group's log may write through a buffer smaller than its largest entry. The buffer lies outside the heap, each
 * group has one, and only headers pass through it; yet Ratis (3.3.0) demands that the largest entry fits with its payload. It asks for the
 * buffer's size and then, in the same thread, for the largest entry's: that one question is answered with what fits the buffer.
 */
final class LogBufferProperties extends RaftProperties {

    /** Length before and checksum behind an entry. */
    private static final int ENTRY_FRAME_BYTES = 8;

    private static final ThreadLocal<@Nullable SizeInBytes> ASKED = new ThreadLocal<>();

    @Override
    public SizeInBytes getSizeInBytes(String name, SizeInBytes otherwise) {
        SizeInBytes value = super.getSizeInBytes(name, otherwise);
        if (name.equals(RaftServerConfigKeys.Log.WRITE_BUFFER_SIZE_KEY)) {
            ASKED.set(value);
        } else if (name.equals(RaftServerConfigKeys.Log.Appender.BUFFER_BYTE_LIMIT_KEY)) {
            SizeInBytes buffer = ASKED.get();
            ASKED.remove();
            if (buffer != null) {
                return SizeInBytes.valueOf(Math.min(value.getSize(), buffer.getSize() - ENTRY_FRAME_BYTES));
            }
        }
        return value;
    }
}
