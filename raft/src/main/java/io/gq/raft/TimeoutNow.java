package io.gq.raft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader that has been fenced can still do for its group: it asks the follower that is furthest to stand for election (TimeoutNow
 * of Raft's leadership transfer, Ongaro's thesis §3.10). Its process lives, so nobody holds it for dead, and the followers would notice by
 * their election timeouts only.
 *
 * <p>A wrong guess costs an election and no record: the vote is Raft's. Nobody else is asked where that one does not answer or refuses: it
 * may stand already, and of two that stand at once both may lose.
 */
final class TimeoutNow {

    private static final Logger LOG = LoggerFactory.getLogger(TimeoutNow.class);
    /** A follower that answered nothing for so long, some heartbeats, may be gone. */
    private static final long ANSWERED_MS = 3_000;

    private record Follower(RaftPeerId id, long matchIndex) {}

    private TimeoutNow() {}

    /** Whether this replica leads, so that somebody has to be asked. */
    static boolean isDue(HostedGroup group) {
        try {
            return group.division().getInfo().isLeader();
        } catch (IOException e) {
            return false;
        }
    }

    /** Asks, and waits for the answer; may run when the group is closed. Empty where there is nobody to ask. */
    static Optional<Runnable> of(HostedGroup group, RaftServer server) {
        try {
            RaftServer.Division division = group.division();
            long term = division.getInfo().getCurrentTerm();
            return followers(division).stream()
                    .max(Comparator.comparingLong(Follower::matchIndex))
                    .map(furthest -> () -> ask(group, server, furthest, term));
        } catch (IOException | IllegalStateException e) {
            LOG.debug("leads no more group={}", group.id(), e);
            return Optional.empty();
        }
    }

    /** Those that have a vote, know that they have it, and have answered lately. */
    private static List<Follower> followers(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        RaftConfiguration members = division.getRaftConf();
        List<ServerRpcProto> peers = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        long[] matched = info.getFollowerMatchIndices(); // in the order of the peers; null where it leads no more
        List<Follower> followers = new ArrayList<>();
        for (int i = 0; matched != null && matched.length == peers.size() && i < matched.length; i++) {
            RaftPeerId id = RaftPeerId.valueOf(peers.get(i).getId().getId());
            if (peers.get(i).getLastRpcElapsedTimeMs() <= ANSWERED_MS
                    && matched[i] >= members.getLogEntryIndex()
                    && members.getCurrentPeers().stream()
                            .anyMatch(peer -> peer.getId().equals(id))) {
                followers.add(new Follower(id, matched[i]));
            }
        }
        return followers;
    }

    private static void ask(HostedGroup group, RaftServer server, Follower follower, long term) {
        try {
            boolean stands = server.getServerRpc()
                    .startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(RaftRpcRequestProto.newBuilder()
                                    .setRequestorId(server.getId().toByteString())
                                    .setReplyId(follower.id().toByteString())
                                    .setRaftGroupId(RaftGroupIdProto.newBuilder()
                                            .setId(group.raftId().toByteString())))
                            .setLeaderLastEntry(TermIndex.valueOf(term, Math.max(0, follower.matchIndex()))
                                    .toProto())
                            .build())
                    .getServerReply()
                    .getSuccess();
            LOG.info("fenced leader asked for an election group={} of={} stands={}", group.id(), follower.id(), stands);
        } catch (IOException e) {
            LOG.info(
                    "fenced leader asked for an election in vain group={} of={} cause={}",
                    group.id(),
                    follower.id(),
                    e.toString());
        }
    }
}
