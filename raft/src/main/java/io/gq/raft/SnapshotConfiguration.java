package io.gq.raft;

import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that goes with a snapshot, as its first frame. A snapshot stands for entries that its receiver never gets, and the
 * members may have changed in one of them; so it has to name them (Ongaro, Consensus: Bridging Theory and Practice, section 5.1). Ratis (3.3.0)
 * sends them with the notice before the copy and with the one after it; a process that ends in between would come back with the members of
 * before. Besides, what it sends are the members as the leader knows them now, by an entry that may lie behind the snapshot and may not be
 * committed; it forgets them with the next append. These are committed ones, and count as of the snapshot.
 *
 * <pre>
 *   CRC32C of what follows (4 bytes, big endian) | entry of the log with a configuration (protobuf)
 * </pre>
 */
final class SnapshotConfiguration {

    private static final int CRC_BYTES = Integer.BYTES;

    private SnapshotConfiguration() {}

    /**
     * Puts it before the frames of the snapshot.
     *
     * @param configuration committed, and not older than the snapshot's position
     */
    static SnapshotReader before(LogEntryProto configuration, SnapshotReader snapshot) {
        return new SnapshotReader() {

            private boolean sent;

            @Override
            public LogPosition position() {
                return snapshot.position();
            }

            @Override
            public @Nullable ByteBuffer next() throws IOException {
                if (sent) {
                    return snapshot.next();
                }
                sent = true;
                return ByteBuffer.wrap(encode(configuration)).asReadOnlyBuffer();
            }

            @Override
            public void close() throws IOException {
                snapshot.close();
            }
        };
    }

    /**
     * Takes it off the frames.
     *
     * @return with the term and index of the snapshot. Its own index may be behind that, where appends would meet and remove it
     */
    static LogEntryProto takeFrom(SnapshotReader snapshot) throws IOException {
        ByteBuffer frame = snapshot.next();
        if (frame == null) {
            throw new IOException("snapshot: no frame (expected: the group's configuration)");
        }
        return decode(frame).toBuilder()
                .setTerm(snapshot.position().term())
                .setIndex(snapshot.position().index())
                .build();
    }

    static byte[] encode(LogEntryProto configuration) {
        byte[] entry = configuration.toByteArray();
        return ByteBuffer.allocate(CRC_BYTES + entry.length)
                .putInt(crc(ByteBuffer.wrap(entry)))
                .put(entry)
                .array();
    }

    /** @throws IOException where it is not what was encoded, or no configuration */
    static LogEntryProto decode(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() < CRC_BYTES) {
            throw new IOException("configuration: " + bytes.remaining() + " B (expected: at least " + CRC_BYTES + ")");
        }
        ByteBuffer rest = bytes.slice();
        int crc = rest.getInt();
        int actual = crc(rest.duplicate());
        if (crc != actual) {
            throw new IOException("configuration: CRC %08x (expected: %08x)".formatted(actual, crc));
        }
        try {
            LogEntryProto entry = LogEntryProto.parseFrom(rest);
            if (entry.hasConfigurationEntry()) {
                return entry;
            }
            throw new IOException(
                    "configuration: " + entry.getLogEntryBodyCase() + " (expected: a configuration entry)");
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("configuration: unreadable (expected: an entry of the log)", e);
        }
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
