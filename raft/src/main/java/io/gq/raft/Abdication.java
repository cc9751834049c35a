package io.gq.raft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader that has been fenced can still do for its group: it asks the follower that is furthest to stand for election (the
 * TimeoutNow of Raft's leadership transfer, Ongaro's thesis §3.10). Its process lives, so nobody holds it for dead, and the followers would
 * notice by their election timeouts only.
 *
 * <p>A wrong guess costs an election and no record: the vote is Raft's.
 */
final class Abdication {

    private static final Logger LOG = LoggerFactory.getLogger(Abdication.class);

    private record Follower(RaftPeerId id, long matchIndex) {}

    private Abdication() {}

    /** Whether this replica leads, so that somebody has to be asked. */
    static boolean isDue(HostedGroup group) {
        try {
            return group.division().getInfo().isLeader();
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for the answers; ends with the first that will stand. */
    static void ask(HostedGroup group, RaftServer server) {
        try {
            RaftServer.Division division = group.division();
            long term = division.getInfo().getCurrentTerm();
            for (Follower follower : followers(division)) {
                if (stands(group, server, follower.id(), TermIndex.valueOf(term, Math.max(0, follower.matchIndex())))) {
                    LOG.info("fenced leader asked for an election group={} of={}", group.id(), follower.id());
                    return;
                }
            }
        } catch (IOException e) {
            LOG.debug("group is out of the server group={}", group.id(), e);
        }
    }

    /** Those with a vote, the furthest first. */
    private static List<Follower> followers(RaftServer.Division division) {
        DivisionInfo info = division.getInfo();
        List<ServerRpcProto> peers = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        long[] matched =
                info.getFollowerMatchIndices(); // null where it does not lead any more; in the order of the peers
        List<Follower> followers = new ArrayList<>();
        if (matched != null && matched.length == peers.size()) {
            for (int i = 0; i < matched.length; i++) {
                RaftPeerId id = RaftPeerId.valueOf(peers.get(i).getId().getId());
                if (division.getRaftConf().getCurrentPeers().stream()
                        .anyMatch(peer -> peer.getId().equals(id))) {
                    followers.add(new Follower(id, matched[i]));
                }
            }
        }
        followers.sort(Comparator.comparingLong(Follower::matchIndex).reversed());
        return followers;
    }

    private static boolean stands(HostedGroup group, RaftServer server, RaftPeerId follower, TermIndex last) {
        try {
            return server.getServerRpc()
                    .startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                            .setServerRequest(RaftRpcRequestProto.newBuilder()
                                    .setRequestorId(server.getId().toByteString())
                                    .setReplyId(follower.toByteString())
                                    .setRaftGroupId(RaftGroupIdProto.newBuilder()
                                            .setId(group.raftId().toByteString())))
                            .setLeaderLastEntry(last.toProto())
                            .build())
                    .getServerReply()
                    .getSuccess();
        } catch (IOException e) {
            LOG.debug("not asked for an election group={} follower={}", group.id(), follower, e);
            return false;
        }
    }
}
