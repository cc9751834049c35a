package io.gq.controller.image;

import io.gq.core.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * The verdict on a command, computed from an image without changing anything. Taking the {@link #image} is the change.
 *
 * @param error why the command is refused; null where it is accepted
 * @param message the refusal in words; empty where accepted
 * @param image the next image; the present one where nothing changes
 * @param producerIdStart of the block handed out, where the command asked for one
 * @param producerIdCount 0 where the command asked for none
 */
public record Decision(
        @Nullable ErrorCode error, String message, ClusterImage image, long producerIdStart, int producerIdCount) {

    /** Accepted; {@code image} is the present one where there was nothing left to change. */
    public static Decision accepted(ClusterImage image) {
        return new Decision(null, "", image, 0, 0);
    }

    public static Decision refused(ClusterImage image, ErrorCode error, String message) {
        return new Decision(error, message, image, 0, 0);
    }

    public static Decision block(ClusterImage image, long producerIdStart, int producerIdCount) {
        return new Decision(null, "", image, producerIdStart, producerIdCount);
    }

    public boolean isAccepted() {
        return error == null;
    }
}
