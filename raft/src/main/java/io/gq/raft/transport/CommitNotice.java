package io.gq.raft.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a leader says of a commit that none of its appends has carried. Many travel in one frame and nobody answers: one that is lost is
 * made up for by the next append or heartbeat. With hundreds of groups an append of its own for each would be a fifth of what the brokers do
 * (CockroachDB and TiKV send what idle groups have to say together for the same reason).
 *
 * @param term the leader's
 * @param index of an entry that is committed
 * @param entryTerm of that entry: a log that has the same one has the same entries before it (Raft, section 5.3, log matching)
 */
public record CommitNotice(UUID group, long term, long index, long entryTerm) {

    static final int BYTES = 5 * Long.BYTES;

    static byte[] encode(List<CommitNotice> notices) {
        ByteBuffer out = ByteBuffer.allocate(notices.size() * BYTES);
        for (CommitNotice notice : notices) {
            out.putLong(notice.group.getMostSignificantBits())
                    .putLong(notice.group.getLeastSignificantBits())
                    .putLong(notice.term)
                    .putLong(notice.index)
                    .putLong(notice.entryTerm);
        }
        return out.array();
    }

    static List<CommitNotice> decode(byte[] body) throws IOException {
        if (body.length % BYTES != 0) {
            throw new IOException("commit notices: " + body.length + " bytes (expected: a multiple of " + BYTES + ")");
        }
        List<CommitNotice> notices = new ArrayList<>(body.length / BYTES);
        ByteBuffer in = ByteBuffer.wrap(body);
        while (in.hasRemaining()) {
            notices.add(
                    new CommitNotice(new UUID(in.getLong(), in.getLong()), in.getLong(), in.getLong(), in.getLong()));
        }
        return notices;
    }
}
