package io.gq.partition.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads all that is committed in a log, from the disk, at once; slow. One thread. */
public final class LogVerification {

    private static final int STEP_BYTES = 1 << 20;
    private static final int DAMAGE_MAX = 100;

    private final SegmentedLog log;
    private final long fromOffset;
    private final long toOffset;
    private final MessageDigest sha;

    /**
     * @param fromOffset and {@code toOffset}, exclusive: the digest is over the entries that lie in between whole. Replicas can be
     *     compared where both are committed offsets that all of them hold
     */
    public LogVerification(SegmentedLog log, long fromOffset, long toOffset) {
        this.log = log;
        this.fromOffset = fromOffset;
        this.toOffset = toOffset;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws IOException as {@link LogScrub#step} */
    public LogVerdict run() throws IOException {
        List<LogScrub.Damage> damage = new ArrayList<>();
        long startOffset = log.startOffset();
        long bytes = 0;
        try (LogScrub scrub = new LogScrub(log, this::digest)) {
            LogScrub.Step step;
            do {
                step = scrub.step(STEP_BYTES);
                bytes += step.bytes();
                if (step.damage() != null) {
                    damage.add(step.damage());
                }
            } while (!step.atEnd()
                    && damage.size() < DAMAGE_MAX
                    && !Thread.currentThread().isInterrupted());
            return new LogVerdict(
                    startOffset, step.nextOffset(), bytes, HexFormat.of().formatHex(sha.digest()), damage);
        }
    }

    private void digest(long baseOffset, long endOffset, ByteBuffer payload) {
        if (baseOffset >= fromOffset && endOffset <= toOffset) {
            sha.update(payload.duplicate());
        }
    }
}
