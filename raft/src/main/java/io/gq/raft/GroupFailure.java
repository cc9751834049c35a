package io.gq.raft;

import org.jspecify.annotations.Nullable;

/** Why a group stopped on this node, without anybody having asked for it. */
public record GroupFailure(
        Kind kind, String message, @Nullable Throwable cause) {

    public enum Kind {
        /** The disk does not hold what it should: the files were set aside, the replica is to be rebuilt from its peers. */
        DAMAGED,
        /** A write or sync failed: the replica stopped and comes back only by opening it again. */
        STORAGE,
        /** An invariant broke or the machine threw: a defect of ours. */
        DEFECT,
        /** The group's configuration no longer holds this replica. */
        DISMISSED
    }
}
