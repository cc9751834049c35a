package io.gq.raft;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.util.AwaitForSignal;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Sends a leader's entries to one follower as Ratis does, and besides: tells it of a commit soon and not with the next heartbeat, so
 * that followers can be read from; sleeps through no signal; shows replies to {@link ReadRounds}.
 *
 * <p>Where entries follow each other, the next one carries the commit of the last: a message of its own for each would double the calls.
 * So a commit is told only when nothing has carried it for {@value #COMMIT_DELAY_MS} ms.
 */
final class GroupAppender extends GrpcLogAppender {

    private static final long COMMIT_DELAY_MS = 10;

    private final Signal signal;
    /** When the follower was first seen to lack a commit that nothing carries to it. */
    private @Nullable Timestamp untoldSince;

    GroupAppender(RaftServer.Division division, LeaderState leaderState, FollowerInfo follower, ReadRounds rounds) {
        super(division, new Listening(leaderState, rounds), follower);
        this.signal = new Signal(follower.getName());
        rounds.register(division, this);
    }

    @Override
    public AwaitForSignal getEventAwaitForSignal() {
        return signal;
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat) throws RaftLogIOException {
        AppendEntriesRequestProto request = nextRequest(callId, heartbeat);
        if (request == null && isToTell()) {
            request = super.newAppendEntriesRequest(callId, true);
        }
        if (request != null) {
            untoldSince = null;
        }
        return request;
    }

    /** Looks again in time for a commit that nothing has carried. */
    @Override
    public long getWaitTimeMs() {
        return untoldSince == null ? super.getWaitTimeMs() : Math.min(COMMIT_DELAY_MS, super.getWaitTimeMs());
    }

    /**
     * An entry that was purged since Ratis looked is no failure: in the next round Ratis sees that the follower needs a snapshot. A failed
     * appender of a replica that is being taken in would not be started again, see {@code LeaderStateImpl.restart}.
     */
    private @Nullable AppendEntriesRequestProto nextRequest(long callId, boolean heartbeat) throws RaftLogIOException {
        try {
            return super.newAppendEntriesRequest(callId, heartbeat);
        } catch (RaftLogIOException e) {
            if (getFollower().getNextIndex() < getRaftLog().getStartIndex()) {
                return null;
            }
            throw e;
        }
    }

    /** While entries are on their way an empty append may not name a commit, and the next one with entries will. */
    private boolean isToTell() {
        if (getRaftLog().getLastCommittedIndex() <= getFollower().getCommitIndex() || hasPendingDataRequests()) {
            untoldSince = null;
            return false;
        }
        if (untoldSince == null) {
            untoldSince = Timestamp.currentTime();
        }
        return untoldSince.elapsedTimeMs() >= COMMIT_DELAY_MS;
    }

    /** Remembers a signal that comes while nobody waits: Ratis' own would let the appender sleep until the next heartbeat. */
    private static final class Signal extends AwaitForSignal {

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition condition = lock.newCondition();
        private boolean signalled;

        Signal(String name) {
            super(name);
        }

        @Override
        public boolean await(long time, TimeUnit unit) throws InterruptedException {
            lock.lock();
            try {
                long nanos = unit.toNanos(time);
                while (!signalled && nanos > 0) {
                    nanos = condition.awaitNanos(nanos);
                }
                boolean was = signalled;
                signalled = false;
                return was;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void signal() {
            lock.lock();
            try {
                signalled = true;
                condition.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Ratis' leader state; replies pass by the read rounds. */
    private record Listening(LeaderState state, ReadRounds rounds) implements LeaderState {

        @Override
        public void onAppendEntriesReply(LogAppender appender, AppendEntriesReplyProto reply) {
            state.onAppendEntriesReply(appender, reply);
            rounds.onReply(appender, reply);
        }

        @Override
        public void restart(LogAppender appender) {
            state.restart(appender);
        }

        @Override
        public AppendEntriesRequestProto newAppendEntriesRequestProto(
                FollowerInfo follower, List<LogEntryProto> entries, TermIndex previous, long callId) {
            return state.newAppendEntriesRequestProto(follower, entries, previous, callId);
        }

        @Override
        public void checkHealth(FollowerInfo follower) {
            state.checkHealth(follower);
        }

        @Override
        public boolean onFollowerTerm(FollowerInfo follower, long followerTerm) {
            return state.onFollowerTerm(follower, followerTerm);
        }

        @Override
        public void onFollowerCommitIndex(FollowerInfo follower, long commitIndex) {
            state.onFollowerCommitIndex(follower, commitIndex);
        }

        @Override
        public void onFollowerSuccessAppendEntries(FollowerInfo follower) {
            state.onFollowerSuccessAppendEntries(follower);
        }

        @Override
        public boolean isFollowerBootstrapping(FollowerInfo follower) {
            return state.isFollowerBootstrapping(follower);
        }
    }
}
