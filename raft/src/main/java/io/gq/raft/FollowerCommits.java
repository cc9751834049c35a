package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.raft.transport.CommitNotice;
import java.io.IOException;
import java.util.Optional;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a leader's word that an entry is committed, beside the {@link GatedServer}: no lock of the group, no answer. It has to be the leader
 * this replica follows, of the same term, and the log here has to hold that very entry; anything else is passed over, for the leader's next
 * append says it again. It is no sign of life: the election timeout goes on.
 */
final class FollowerCommits {

    private static final Logger LOG = LoggerFactory.getLogger(FollowerCommits.class);

    private final GatedServer.Groups groups;

    FollowerCommits(GatedServer.Groups groups) {
        this.groups = groups;
    }

    void heard(RaftPeerId leader, CommitNotice notice) {
        Optional<HostedGroup> group = groups.find(new GroupId(notice.group()));
        if (group.isPresent()) {
            try {
                group.get().gate().checkOpen();
                commit(group.get(), group.get().division(), leader, notice);
            } catch (IOException | RuntimeException e) {
                // closed, closing or starting; the connection is other groups' as well
                LOG.debug("word of a commit passed over group={} index={}", notice.group(), notice.index(), e);
            }
        }
    }

    private static void commit(
            HostedGroup group, RaftServer.Division division, RaftPeerId leader, CommitNotice notice) {
        DivisionInfo info = division.getInfo();
        RaftLog log = division.getRaftLog();
        if (notice.index() > log.getLastCommittedIndex()
                && (info.isFollower() || info.isListener())
                && info.getCurrentTerm() == notice.term()
                && leader.equals(info.getLeaderId())
                && TermIndex.valueOf(notice.entryTerm(), notice.index()).equals(log.getTermIndex(notice.index()))
                && log.updateCommitIndex(notice.index(), notice.term(), false)) {
            group.wakeUpdater();
        }
    }
}
