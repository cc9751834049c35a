package io.gq.raft;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a follower stands for election by itself, past what Ratis (3.3.0) shows of it. It changes when a replica stands, not whom it votes for
 * in an election that was started. Where a later version has no such place, its timeouts go on as Ratis has them.
 */
final class ElectionTimeout {

    /** Answers a request for a vote. */
    interface Answer {
        RequestVoteReplyProto get() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(ElectionTimeout.class);
    private static final AtomicBoolean OUT_OF_REACH = new AtomicBoolean();
    private static final String LAST_HEARD = "lastRpcTime";

    private ElectionTimeout() {}

    /**
     * Begins the timeout anew, as if the leader had been heard now. To be used while somebody else sees to it that the group is led: of two
     * elections at once both may be lost. Asked whether it would vote the replica answers as one with a leader.
     */
    static void putOff(RaftServer.Division division) {
        setLastHeard(following(division), Timestamp.currentTime());
    }

    /**
     * Answers a pre-vote and leaves the timeout as it was. To say that one would vote is no vote: Ratis begins the timeout anew, so that a
     * replica which alone can win, but is asked again and again by one that cannot, hardly ever gets its turn. etcd's raft, too, begins it
     * anew for real votes only.
     */
    static RequestVoteReplyProto keptBy(RaftServer.Division division, Answer preVote) throws IOException {
        // Ratis' own lock of the group: no append begins in between. The end of one may come, and counts as its begin
        // then.
        synchronized (division) {
            Object follower = following(division);
            Object heard = lastHeard(follower);
            RequestVoteReplyProto reply = preVote.get();
            if (reply.getServerReply().getSuccess()) {
                setLastHeard(follower, heard);
            }
            return reply;
        }
    }

    /** The state Ratis keeps of a follower, null where the replica is none. */
    private static @Nullable Object following(RaftServer.Division division) {
        try {
            Object role = RatisInternals.value(division, "role");
            return ((Optional<?>) RatisInternals.call(RatisInternals.method(role, "getFollowerState"), role))
                    .orElse(null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return outOfReach(e);
        }
    }

    private static @Nullable Object lastHeard(@Nullable Object follower) {
        try {
            return follower == null ? null : RatisInternals.value(follower, LAST_HEARD);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return outOfReach(e);
        }
    }

    private static void setLastHeard(@Nullable Object follower, @Nullable Object time) {
        if (follower == null || time == null) {
            return;
        }
        try {
            RatisInternals.set(follower, LAST_HEARD, time);
        } catch (ReflectiveOperationException | RuntimeException e) {
            outOfReach(e);
        }
    }

    private static @Nullable Object outOfReach(Exception e) {
        if (OUT_OF_REACH.compareAndSet(false, true)) {
            LOG.warn("election timeouts are out of reach: more elections than are needed", e);
        }
        return null;
    }
}
