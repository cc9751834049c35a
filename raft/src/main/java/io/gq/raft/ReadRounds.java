package io.gq.raft;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Confirms that a leader still leads: a majority must answer an append that was sent after the question was asked (Raft dissertation,
 * 6.4). Ratis' own read index takes a commit index that was confirmed once as confirmed for ever, so that a leader deposed since would
 * serve stale reads.
 */
final class ReadRounds {

    private static final class Round {
        final long term;
        final long index;
        final Map<RaftPeerId, LogAppender> asked = new HashMap<>();
        final Map<RaftPeerId, Long> firstCallIds = new HashMap<>();
        final Set<RaftPeerId> answered = new HashSet<>();
        final CompletableFuture<Long> result = new CompletableFuture<>();

        Round(long term, long index) {
            this.term = term;
            this.index = index;
        }
    }

    private final Map<RaftPeerId, LogAppender> appenders = new ConcurrentHashMap<>();
    private final List<Round> rounds = new ArrayList<>();
    private volatile RaftServer.Division division;

    /** A leader's appender for a follower starts; it takes the place of an earlier one. */
    void register(RaftServer.Division leader, LogAppender appender) {
        division = leader;
        appenders.put(appender.getFollowerId(), appender);
    }

    /** Of every follower the one started last, which may have been stopped since. */
    List<LogAppender> appenders() {
        return List.copyOf(appenders.values());
    }

    /**
     * Asks the members anew.
     *
     * @return the commit index at the time of the call, once a majority has answered; never completes where none does
     */
    CompletableFuture<Long> confirm(RaftServer.Division leader) {
        DivisionInfo info = leader.getInfo();
        if (!info.isLeader()) {
            return CompletableFuture.failedFuture(new NotLeaderException(leader.getMemberId(), null, null));
        }
        if (!info.isLeaderReady()) {
            return CompletableFuture.failedFuture(new LeaderNotReadyException(leader.getMemberId()));
        }
        Round round = new Round(info.getCurrentTerm(), leader.getRaftLog().getLastCommittedIndex());
        synchronized (this) {
            appenders.forEach((peer, appender) -> {
                round.asked.put(peer, appender);
                round.firstCallIds.put(peer, appender.getCallId());
            });
            rounds.add(round);
        }
        CompletableFuture<?> unused = round.result.whenComplete((index, failure) -> forget(round));
        round.asked.values().forEach(LogAppender::triggerHeartbeat);
        finishIfConfirmed(leader, round);
        return round.result;
    }

    private synchronized void forget(Round round) {
        rounds.remove(round);
    }

    void onReply(LogAppender appender, AppendEntriesReplyProto reply) {
        if (!reply.getServerReply().getSuccess()) {
            return;
        }
        List<Round> touched = new ArrayList<>();
        synchronized (this) {
            RaftPeerId peer = appender.getFollowerId();
            for (Round round : rounds) {
                // Each appender counts its calls from 0.
                if (round.asked.get(peer) == appender
                        && reply.getServerReply().getCallId() >= round.firstCallIds.get(peer)
                        && round.answered.add(peer)) {
                    touched.add(round);
                }
            }
        }
        touched.forEach(round -> finishIfConfirmed(division, round));
    }

    private void finishIfConfirmed(RaftServer.Division leader, Round round) {
        RaftConfiguration configuration = leader.getRaftConf();
        boolean confirmed;
        synchronized (this) {
            confirmed = majority(configuration.getCurrentPeers(), leader.getId(), round.answered)
                    && (configuration.getPreviousPeers().isEmpty()
                            || majority(configuration.getPreviousPeers(), leader.getId(), round.answered));
        }
        if (!confirmed) {
            return;
        }
        DivisionInfo info = leader.getInfo();
        if (info.isLeader() && info.getCurrentTerm() == round.term) {
            round.result.complete(round.index);
        } else {
            round.result.completeExceptionally(new NotLeaderException(leader.getMemberId(), null, null));
        }
    }

    private static boolean majority(Collection<RaftPeer> voters, RaftPeerId self, Set<RaftPeerId> answered) {
        long present = voters.stream()
                .map(RaftPeer::getId)
                .filter(id -> id.equals(self) || answered.contains(id))
                .count();
        return present > voters.size() / 2;
    }

    /** This replica no longer leads. */
    void fail(RaftServer.Division former) {
        List<Round> open;
        synchronized (this) {
            open = List.copyOf(rounds);
        }
        open.forEach(
                round -> round.result.completeExceptionally(new NotLeaderException(former.getMemberId(), null, null)));
    }
}
