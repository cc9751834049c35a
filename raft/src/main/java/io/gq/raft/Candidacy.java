package io.gq.raft;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a follower a candidate whatever the term of its last entry. Ratis' own call refuses where that is not the present term, as it is
 * after every election that was lost; then the group would wait for an election timeout, which is seconds. Raft itself lets any follower
 * stand at any time. What Ratis does at the end of its own call is not public, so it is reached past its visibility; where a later
 * version has no such method, the timeout decides.
 */
final class Candidacy {

    private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);
    private static final String METHOD = "changeToCandidate";

    private static final ClassValue<Door> DOORS = new ClassValue<>() {
        @Override
        protected Door computeValue(Class<?> division) {
            return Door.of(division);
        }
    };

    /** Of one class of divisions. */
    private interface Door {
        void changeToCandidate(RaftServer.Division division) throws Throwable;

        static Door of(Class<?> division) {
            try {
                MethodHandle method = MethodHandles.privateLookupIn(division, MethodHandles.lookup())
                        .findVirtual(division, METHOD, MethodType.methodType(void.class, boolean.class));
                return replica -> method.invoke(replica, true);
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.warn("Ratis has no {}: a group that lost an election waits for its timeout", METHOD, e);
                return replica -> {
                    throw new UnsupportedOperationException(METHOD);
                };
            }
        }
    }

    private Candidacy() {}

    /** @return false where the replica is no running follower, or could not be made to stand */
    @SuppressWarnings("SynchronizationOnLocalVariableOrMethodParameter") // the monitor under which Ratis changes roles
    static boolean stand(RaftServer.Division division) {
        Door door = DOORS.get(division.getClass());
        synchronized (division) {
            boolean follows = division.getInfo().isFollower()
                    && division.getInfo().getLifeCycleState() == LifeCycle.State.RUNNING;
            if (!follows) {
                return false;
            }
            try {
                door.changeToCandidate(division);
                return true;
            } catch (Throwable e) { // an Error of Ratis would end the thread of elections
                LOG.warn("could not be made a candidate group={}", division.getMemberId(), e);
                return false;
            }
        }
    }
}
