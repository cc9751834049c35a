package io.gq.core.replication;

import io.gq.core.ErrorCode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What applying an entry answered: an expected refusal is a value, not an exception.
 *
 * @param error why the entry changed nothing; null where it took effect
 * @param message the refusal in words; empty where it took effect
 * @param reply the machine's answer to the proposer; read-only
 */
public record Outcome(@Nullable ErrorCode error, String message, ByteBuffer reply) {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    public static final Outcome DONE = new Outcome(null, "", NOTHING);

    public static Outcome done(ByteBuffer reply) {
        return new Outcome(null, "", reply.asReadOnlyBuffer());
    }

    public static Outcome rejected(ErrorCode error, String message) {
        return new Outcome(error, message, NOTHING);
    }

    public boolean accepted() {
        return error == null;
    }
}
