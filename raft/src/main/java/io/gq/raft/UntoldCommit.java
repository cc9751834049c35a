package io.gq.raft;

import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;

/** Whether a follower has gone without word of a commit for so long that it is told by itself. For one thread at a time. */
final class UntoldCommit {

    private final long delayMs;
    private long told = -1;
    private @Nullable Timestamp since;

    UntoldCommit(long delayMs) {
        this.delayMs = delayMs;
    }

    /**
     * @param commit that is to be told
     * @param known what the follower has said that it knows
     */
    boolean isDue(long commit, long known) {
        if (commit <= Math.max(known, told)) {
            since = null;
            return false;
        }
        if (since == null) {
            since = Timestamp.currentTime();
        }
        return since.elapsedTimeMs() >= delayMs;
    }

    boolean waits() {
        return since != null;
    }

    /** Something is on its way that carries the commit, and whether it arrives will be seen. */
    void carried() {
        since = null;
    }

    /** The follower was told; nobody will say whether that arrived. */
    void told(long commit) {
        told = Math.max(told, commit);
        since = null;
    }

    /** What was on its way may be lost. */
    void lost() {
        told = -1;
        since = null;
    }
}
