package io.gq.raft;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts off a follower's election timeout as if its leader had been heard now. To be used while somebody else sees to it that the group is
 * led: of two elections at once both may be lost. It changes when a replica stands by itself, not whom it votes for in an election that was
 * started; asked whether it would vote it answers as one with a leader.
 *
 * <p>Ratis (3.3.0) keeps the timeout to itself, so it is reached past its visibility; where a later version has no such place, the timeout
 * goes on.
 */
final class ElectionTimeout {

    private static final Logger LOG = LoggerFactory.getLogger(ElectionTimeout.class);
    private static final AtomicBoolean OUT_OF_REACH = new AtomicBoolean();

    private ElectionTimeout() {}

    static void putOff(RaftServer.Division division) {
        try {
            Object role = RatisInternals.value(division, "role");
            Optional<?> following =
                    (Optional<?>) RatisInternals.call(RatisInternals.method(role, "getFollowerState"), role);
            if (following.isPresent()) {
                RatisInternals.set(following.get(), "lastRpcTime", Timestamp.currentTime());
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            if (OUT_OF_REACH.compareAndSet(false, true)) {
                LOG.warn("election timeouts cannot be put off: more elections than are needed", e);
            }
        }
    }
}
