package io.gq.raft;

import io.gq.raft.transport.CommitNotice;
import io.gq.raft.transport.PeerLink;
import io.gq.raft.transport.PeerTransport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLog.EntryWithData;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.TimeDuration;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a leader's entries to one follower, without a thread of its own: it takes a turn on the event loop of the follower's connection
 * when there are entries, when an answer has come, or when its timer is due. One turn at a time, so its state needs no lock. While the
 * follower is far behind the turns are taken in a pool, for then entries may have to be read from the disk.
 *
 * <p>As Ratis' own appenders do, it keeps several appends on their way but only one until the follower has answered the first; what was
 * not acknowledged when an append failed is sent again. Besides, it tells the follower of a commit soon and not with the next heartbeat,
 * so that followers can be read from: where entries follow each other the next one carries the commit of the last, so a commit is told
 * only when nothing has carried it for {@value #COMMIT_DELAY_MS} ms. It is told by a {@link CommitNotice}, once, and where the follower does
 * not take these by an empty append; a notice that is lost leaves the follower to the next append or heartbeat.
 */
final class GroupAppender extends LogAppenderBase implements PeerLink.User {

    private static final Logger LOG = LoggerFactory.getLogger(GroupAppender.class);

    private static final int ON_THEIR_WAY_MAX = 32;
    private static final long BYTES_ON_THEIR_WAY_MAX = 8 << 20;
    private static final long FAR_BEHIND_ENTRIES = 128;
    /** The files of the log that are kept in memory hold some 150 entries of the largest kind. */
    private static final long UNCACHED_ENTRIES = 128;

    private static final long COMMIT_DELAY_MS = 100;
    private static final long IDLE_CHECK_MS = 50;
    /** Where followers are quicker to stand than this a heartbeat is urgent. */
    private static final long TOGETHER_TIMEOUT_MIN_MS = 1_000;

    private static final long DOWN_CHECK_MS = 500;
    private static final long SHORT_READ_MS = 5;
    private static final long RETRY_MAX_MS = 200;
    private static final long SNAPSHOT_RETRY_MS = 20;

    /** An append on its way; of no more interest as data once the epoch has changed. */
    private record Sent(long firstIndex, boolean heartbeat, int bytes, Timestamp time, int epoch) {}

    private record Failure(Sent sent, IOException cause) {}

    private record Answer(Sent sent, AppendEntriesReplyProto reply) {}

    private record SnapshotAnswer(@Nullable InstallSnapshotReplyProto reply) {}

    private final ReadRounds rounds;
    private final PeerTransport transport;
    private final PeerLink link;
    private final Executor catchUp;
    private final long appendBytesMax;
    private final boolean together;
    /** In which the leader leads whose appender this is. */
    private final long term;

    private final TurnTimer timer;

    private final Queue<Object> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private volatile boolean started;
    private volatile boolean stopped;
    private volatile boolean farBehind;
    private volatile long callId;

    // of the turn
    private final Deque<Sent> onTheirWay = new ArrayDeque<>();
    private long bytesOnTheirWay;
    private boolean answered;
    private int epoch;
    private int failures;
    private long notBeforeNanos;
    private boolean snapshotAsked;
    private boolean slowRead;
    private final UntoldCommit untold = new UntoldCommit(COMMIT_DELAY_MS);

    GroupAppender(
            RaftServer.Division division,
            LeaderState leaderState,
            FollowerInfo follower,
            ReadRounds rounds,
            PeerTransport transport,
            Executor catchUp) {
        super(division, leaderState, follower);
        this.rounds = rounds;
        this.transport = transport;
        this.link = transport.link(follower.getId(), division.getMemberId().getGroupId());
        this.notBeforeNanos = link.nanoTime();
        this.catchUp = catchUp;
        this.term = division.getInfo().getCurrentTerm();
        RaftProperties properties = division.getRaftServer().getProperties();
        this.appendBytesMax =
                RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties).getSize();
        this.together = RaftServerConfigKeys.Rpc.timeoutMin(properties).toLong(TimeUnit.MILLISECONDS)
                >= TOGETHER_TIMEOUT_MIN_MS;
        this.timer = new TurnTimer(link.loop(), this::notifyLogAppender);
    }

    @Override
    public void start() {
        started = true;
        // Not before: Ratis may make one and then refuse to have two, and the other would be forgotten.
        rounds.register(getServer(), this);
        link.attach(this);
        notifyLogAppender();
    }

    @Override
    public boolean isRunning() {
        return started
                && !stopped
                && getServer().getInfo().isAlive()
                && getServer().getInfo().isLeader()
                && getRaftLog().isOpened();
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
        stopped = true;
        link.detach(this);
        return CompletableFuture.completedFuture(LifeCycle.State.CLOSED);
    }

    /** Ratis would run this in a thread. */
    @Override
    public void run() {
        throw new UnsupportedOperationException("an appender takes turns");
    }

    @Override
    public long getCallId() {
        return callId;
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return Comparator.naturalOrder();
    }

    @Override
    public boolean hasPendingDataRequests() {
        return !onTheirWay.isEmpty();
    }

    @Override
    public void onRoom() {
        notifyLogAppender();
    }

    @Override
    public void notifyLogAppender() {
        if (started && wakeUps.getAndIncrement() == 0) {
            hand();
        }
    }

    private void hand() {
        try {
            if (farBehind) {
                catchUp.execute(this::turns);
            } else {
                link.loop().execute(this::turns);
            }
        } catch (RejectedExecutionException e) {
            stopped = true; // the process is stopping
        }
    }

    /** An answer is dealt with where it came in, unless a turn is being taken elsewhere. */
    private void deliver(Object event) {
        inbox.add(event);
        if (wakeUps.getAndIncrement() == 0) {
            if (farBehind) {
                hand();
            } else {
                turns();
            }
        }
    }

    private void turns() {
        int seen = wakeUps.get();
        while (true) {
            try {
                if (!turn()) {
                    hand(); // the wake-ups stand, so this turn is gone on with there
                    return;
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("append failed follower={}", getFollower().getName(), e);
                resend();
                backOff();
                arm(RETRY_MAX_MS);
            }
            seen = wakeUps.addAndGet(-seen);
            if (seen == 0) {
                return;
            }
        }
    }

    /** False where it has to be gone on with in the pool. */
    private boolean turn() throws IOException {
        for (Object event = inbox.poll(); event != null; event = inbox.poll()) {
            if (!stopped) {
                handle(event);
            }
        }
        if (stopped) {
            return true;
        }
        if (unsent() > UNCACHED_ENTRIES && link.loop().inEventLoop()) {
            farBehind = true;
            return false;
        }
        boolean running = isRunning();
        if (running && link.isUp()) {
            sendAll();
            getLeaderState().checkHealth(getFollower());
            arm(waitMs());
        } else {
            arm(running ? DOWN_CHECK_MS : IDLE_CHECK_MS); // the link tells when it is up
        }
        noteDistance();
        return true;
    }

    private long unsent() {
        return getRaftLog().getNextIndex() - getFollower().getNextIndex();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one turn at a time writes it
    private void sendAll() throws IOException {
        while (isRunning() && link.nanoTime() - notBeforeNanos >= 0) {
            boolean entries = hasAppendEntries();
            if (entries) {
                askForSnapshot();
            }
            boolean onlyHeartbeat = snapshotAsked || !mayHaveMoreOnTheirWay() || !link.hasRoom();
            boolean heartbeatDue = getHeartbeatWaitTimeMs() <= 0;
            boolean tell = !entries && isToTell();
            if (tell && tellByNotice()) {
                tell = false;
            }
            if (!heartbeatDue && !tell && (!entries || onlyHeartbeat)) {
                return;
            }
            boolean heartbeat = heartbeatDue || tell || onlyHeartbeat;
            if (heartbeatDue) {
                // Before the call's number is taken: who asks for a round from now on may count on the next one only.
                resetHeartbeatTrigger();
            }
            AppendEntriesRequestProto request = heartbeat ? newAppendEntriesRequest(callId, true) : nextRequest(callId);
            if (request == null) {
                return;
            }
            callId = callId + 1;
            send(request);
        }
    }

    private boolean mayHaveMoreOnTheirWay() {
        return onTheirWay.isEmpty()
                || (answered && onTheirWay.size() < ON_THEIR_WAY_MAX && bytesOnTheirWay < BYTES_ON_THEIR_WAY_MAX);
    }

    /**
     * The entries that follow, as many as one append may carry. Ratis' own way keeps those it has gathered when one of them cannot be
     * read, and then refuses for ever to gather again.
     *
     * @return null where there are none to send now: an entry that was purged since we looked is no failure, in the next turn Ratis sees
     *     that the follower needs a snapshot
     */
    private @Nullable AppendEntriesRequestProto nextRequest(long call) throws RaftLogIOException {
        FollowerInfo follower = getFollower();
        long first = follower.getNextIndex();
        TermIndex previous = getPrevious(first);
        if (previous == null && first > RaftLog.LEAST_VALID_LOG_INDEX && first != follower.getSnapshotIndex() + 1) {
            return null;
        }
        List<LogEntryProto> entries;
        try {
            entries = read(first);
        } catch (RaftLogIOException e) {
            if (first < getRaftLog().getStartIndex()) {
                return null;
            }
            throw e;
        }
        return entries.isEmpty()
                ? null
                : getLeaderState().newAppendEntriesRequestProto(follower, entries, previous, call);
    }

    /** On the event loop only what is there at once, or nearly; what is not is read in the pool, in the next turn. */
    private List<LogEntryProto> read(long first) throws RaftLogIOException {
        List<EntryWithData> reading = new ArrayList<>();
        long end = getRaftLog().getNextIndex();
        long bytes = 0;
        for (long index = first; index < end; index++) {
            EntryWithData entry = getRaftLog().getEntryWithData(index);
            bytes += entry.getSerializedSize();
            if (!reading.isEmpty() && bytes > appendBytesMax) {
                break;
            }
            reading.add(entry);
        }
        long waitMs = link.loop().inEventLoop() ? SHORT_READ_MS : Math.max(SHORT_READ_MS, getHeartbeatWaitTimeMs());
        Timestamp start = Timestamp.currentTime();
        List<LogEntryProto> entries = new ArrayList<>(reading.size());
        try {
            for (EntryWithData entry : reading) {
                long left = Math.max(0, waitMs - start.elapsedTimeMs());
                entries.add(entry.getEntry(TimeDuration.valueOf(left, TimeUnit.MILLISECONDS)));
            }
            slowRead = false;
        } catch (RaftLogIOException e) {
            if (entries.isEmpty()) {
                throw e;
            }
            // what comes before it may be all that a follower gets from here
        } catch (TimeoutException e) {
            slowRead = true;
            if (entries.isEmpty()) {
                notBeforeNanos = link.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
            }
        }
        return entries;
    }

    private void send(AppendEntriesRequestProto request) {
        int count = request.getEntriesCount();
        boolean heartbeat = count == 0;
        Sent sent = new Sent(
                heartbeat ? RaftLog.INVALID_LOG_INDEX : request.getEntries(0).getIndex(),
                heartbeat,
                request.getSerializedSize(),
                Timestamp.currentTime(),
                epoch);
        if (!heartbeat) {
            onTheirWay.add(sent);
            bytesOnTheirWay += sent.bytes();
            getFollower().increaseNextIndex(request.getEntries(count - 1).getIndex() + 1);
        }
        untold.carried();
        getFollower().updateLastRpcSendTime(heartbeat);
        link.append(request, new PeerLink.Reply() {
            @Override
            public void answered(byte[] body) {
                try {
                    deliver(new Answer(sent, AppendEntriesReplyProto.parseFrom(body)));
                } catch (IOException e) {
                    deliver(new Failure(sent, e));
                }
            }

            @Override
            public void failed(IOException cause) {
                deliver(new Failure(sent, cause));
            }
        });
    }

    private void handle(Object event) {
        if (event instanceof Answer answer) {
            onAnswer(answer.sent(), answer.reply());
        } else if (event instanceof Failure failure) {
            onFailure(failure.sent(), failure.cause());
        } else if (event instanceof SnapshotAnswer answer) {
            onSnapshotAnswer(answer.reply());
        }
    }

    private void onAnswer(Sent sent, AppendEntriesReplyProto reply) {
        FollowerInfo follower = getFollower();
        follower.updateLastRespondedAppendEntriesSendTime(sent.time());
        follower.updateLastRpcResponseTime();
        if (sent.epoch() == epoch && !sent.heartbeat()) {
            if (onTheirWay.remove(sent)) {
                bytesOnTheirWay -= sent.bytes();
            }
        }
        switch (reply.getResult()) {
            case SUCCESS -> {
                answered = true;
                failures = 0;
                follower.getErrorState().updateErrorCount(false);
                getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
                if (follower.updateMatchIndex(reply.getMatchIndex())) {
                    follower.updateNextIndex(reply.getMatchIndex() + 1);
                    getLeaderState().onFollowerSuccessAppendEntries(follower);
                }
            }
            case NOT_LEADER -> {
                LOG.info("follower has a later term follower={} term={}", follower.getName(), reply.getTerm());
                if (onFollowerTerm(reply.getTerm())) {
                    return;
                }
                backOff();
            }
            case INCONSISTENCY -> {
                if (sent.epoch() == epoch) { // the others on their way were refused for the same reason
                    LOG.info(
                            "follower lacks what comes before follower={} next={}",
                            follower.getName(),
                            reply.getNextIndex());
                    newEpoch();
                    follower.setNextIndex(nextAfterInconsistency(
                            sent.firstIndex(),
                            reply.getNextIndex(),
                            follower.getMatchIndex(),
                            getRaftLog().getNextIndex()));
                    backOffAfterFirst();
                }
            }
            default -> throw new IllegalStateException("append result " + reply.getResult());
        }
        getLeaderState().onAppendEntriesReply(this, reply);
        rounds.onReply(this, reply);
    }

    /**
     * Where to go on with a follower that lacks what comes before. As Ratis does, but never beyond our own log: while a follower installs a
     * snapshot it answers with the end of its log, where that may hold what nobody committed; from there on nothing would ever be sent.
     *
     * @param firstSent index of the first entry that was refused
     * @param told where the follower would have us go on
     * @param matched up to which it surely holds our entries
     * @param endIndex of our log, exclusive
     */
    static long nextAfterInconsistency(long firstSent, long told, long matched, long endIndex) {
        long next = Math.min(told, endIndex);
        if (matched + 1 > next && matched + 1 != firstSent) {
            next = matched + 1;
        }
        return next == firstSent && next > RaftLog.LEAST_VALID_LOG_INDEX ? next - 1 : next; // the same is refused again
    }

    private void onFailure(Sent sent, IOException cause) {
        if (sent.epoch() != epoch) {
            return;
        }
        if (failures == 0) {
            LOG.info(
                    "append failed, sending again follower={} cause={}",
                    getFollower().getName(),
                    cause.toString());
        }
        resend();
        backOff();
    }

    /** What was not acknowledged is sent again, from its first entry on. */
    private void resend() {
        Sent first = onTheirWay.peekFirst();
        if (first != null) {
            getFollower()
                    .setNextIndex(Math.max(first.firstIndex(), getFollower().getMatchIndex() + 1));
        }
        newEpoch();
    }

    private void newEpoch() {
        epoch++;
        onTheirWay.clear();
        bytesOnTheirWay = 0;
        answered = false;
        untold.lost();
    }

    /** A follower that was away needs one such round; one that keeps refusing (it is copying a snapshot, say) is not pressed. */
    private void backOffAfterFirst() {
        failures++;
        getFollower().getErrorState().updateErrorCount(true);
        if (failures > 1) {
            delay();
        }
    }

    private void backOff() {
        failures++;
        getFollower().getErrorState().updateErrorCount(true);
        delay();
    }

    private void delay() {
        long ms = Math.min(RETRY_MAX_MS, 1L << Math.min(failures, 10));
        notBeforeNanos = link.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    // ---- snapshots: only ever a notice, the replica copies the files itself

    private void askForSnapshot() {
        if (snapshotAsked) {
            return;
        }
        TermIndex first = shouldNotifyToInstallSnapshot();
        if (first == null) {
            return;
        }
        InstallSnapshotRequestProto notice = newInstallSnapshotNotificationRequest(first);
        if (notice.getLeaderTerm() != term) {
            return; // Ratis writes the present term over what was read in an earlier one, and the follower believes it:
            // see DivergentTail
        }
        snapshotAsked = true;
        getFollower().updateLastRpcSendTime(false);
        transport.installSnapshot(getFollowerId(), notice, new PeerLink.Reply() {
            @Override
            public void answered(byte[] body) {
                try {
                    deliverLater(new SnapshotAnswer(InstallSnapshotReplyProto.parseFrom(body)));
                } catch (IOException e) {
                    deliverLater(new SnapshotAnswer(null));
                }
            }

            @Override
            public void failed(IOException cause) {
                deliverLater(new SnapshotAnswer(null));
            }
        });
    }

    /** These come on another connection's event loop. */
    private void deliverLater(Object event) {
        inbox.add(event);
        notifyLogAppender();
    }

    private void onSnapshotAnswer(@Nullable InstallSnapshotReplyProto reply) {
        snapshotAsked = false;
        if (reply == null) {
            backOff();
            return;
        }
        FollowerInfo follower = getFollower();
        follower.updateLastRpcResponseTime();
        switch (reply.getResult()) {
            case SUCCESS -> follower.setAttemptedToInstallSnapshot();
            case IN_PROGRESS -> notBeforeNanos = link.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SNAPSHOT_RETRY_MS);
            case ALREADY_INSTALLED, SNAPSHOT_INSTALLED -> {
                long index = reply.getSnapshotIndex();
                LOG.info("follower has the snapshot follower={} index={}", follower.getName(), index);
                if (follower.getNextIndex() == index + 1) {
                    backOff(); // no news: whatever is in the way is not to be asked about without a pause
                }
                follower.setSnapshotIndex(index);
                follower.setAttemptedToInstallSnapshot();
                getLeaderState().onFollowerCommitIndex(follower, index);
                follower.updateNextIndex(index + 1);
            }
            case NOT_LEADER -> {
                if (!onFollowerTerm(reply.getTerm())) {
                    backOff();
                }
            }
            case SNAPSHOT_UNAVAILABLE -> follower.setAttemptedToInstallSnapshot();
            default -> {
                LOG.warn("snapshot notice refused follower={} result={}", follower.getName(), reply.getResult());
                backOff();
            }
        }
    }

    // ---- when to look again

    /** While entries are on their way an empty append may not name a commit, and the next one with entries will. */
    private boolean isToTell() {
        if (hasPendingDataRequests()) {
            untold.carried();
            return false;
        }
        return untold.isDue(getRaftLog().getLastCommittedIndex(), getFollower().getCommitIndex());
    }

    /** Together with what the others of this connection have to tell, instead of by an append of its own; false where that cannot be. */
    private boolean tellByNotice() {
        long commit = getRaftLog().getLastCommittedIndex();
        TermIndex entry = link.takesCommits() ? getRaftLog().getTermIndex(commit) : null;
        if (entry == null) {
            return false;
        }
        link.tell(new CommitNotice(
                getServer().getMemberId().getGroupId().getUuid(),
                getServer().getInfo().getCurrentTerm(),
                entry.getIndex(),
                entry.getTerm()));
        untold.told(commit);
        return true;
    }

    private long waitMs() {
        long delayNanos = notBeforeNanos - link.nanoTime();
        if (delayNanos > 0) {
            return TimeUnit.NANOSECONDS.toMillis(delayNanos) + 1; // until then nothing is sent, not even a heartbeat
        }
        long wait = Math.max(1, getHeartbeatWaitTimeMs());
        return untold.waits() ? Math.min(wait, COMMIT_DELAY_MS) : wait;
    }

    private void arm(long ms) {
        if (together && notBeforeNanos - link.nanoTime() <= 0) {
            timer.togetherIn(ms);
        } else {
            timer.in(ms);
        }
    }

    private void noteDistance() {
        if (slowRead || unsent() > FAR_BEHIND_ENTRIES) {
            farBehind = true;
        } else if (farBehind) {
            // after what this turn has sent from the pool
            link.loop().execute(() -> farBehind = false);
        }
    }
}
