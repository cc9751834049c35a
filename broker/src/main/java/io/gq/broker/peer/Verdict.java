package io.gq.broker.peer;

import io.gq.core.NodeId;

/**
 * A change of this broker's mind about another one.
 *
 * @param silentNanos since it was last heard; 0 where it never was
 */
public record Verdict(NodeId node, boolean alive, Cause cause, long silentNanos) {

    /** What changed it. */
    public enum Cause {
        /** A message came. */
        HEARD,
        /** Nothing came for longer than the limit. */
        SILENT,
        /** Its connection broke. */
        LOST,
        /** Nothing listens at its address. */
        REFUSED,
        /** It says that its disk takes nothing. */
        STALLED
    }
}
