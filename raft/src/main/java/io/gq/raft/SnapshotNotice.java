package io.gq.raft;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A leader's notice that its log begins later than this replica's ends, so that it has to copy a snapshot. One that this replica does not
 * need is answered without touching anything. Findings S1 to S10 of docs/design/0002.
 */
final class SnapshotNotice {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotNotice.class);
    private static final Duration WAIT = Duration.ofMillis(100);

    private final HostedGroup group;
    private final RaftServer server;
    private final InstallSnapshotRequestProto request;
    private final TermIndex first;

    /** @param request with a notification */
    SnapshotNotice(HostedGroup group, RaftServer server, InstallSnapshotRequestProto request) {
        this.group = group;
        this.server = server;
        this.request = request;
        this.first = TermIndex.valueOf(request.getNotification().getFirstAvailableTermIndex());
    }

    InstallSnapshotReplyProto answer() throws IOException {
        Optional<InstallSnapshotReplyProto> notNeeded = notNeeded();
        if (notNeeded.isPresent()) {
            return notNeeded.get();
        }
        // One at a time: the members of a snapshot that another notice has loaded may be outdated by what was appended
        // since.
        try {
            group.machine().copy().await(WAIT);
            if (!group.notices().tryLock(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("another notice is being answered, or the group is renewed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try {
            group.gate().checkOpen();
            dropDivergentTail();
            SnapshotCopy copy = group.machine().copy();
            copy.tell();
            InstallSnapshotReplyProto reply =
                    askRatis(copy.members().filter(members -> copy.waitsToBeLoaded() || holdLeader(members)));
            if (reply.getResult() == InstallSnapshotResult.SNAPSHOT_INSTALLED) {
                copy.loading();
            }
            return reply;
        } finally {
            group.notices().unlock();
        }
    }

    /**
     * Ratis takes the members that a leader names over with the notice, and writes them: also of a leader that it refuses, and before
     * anything is copied, so that they are gone with the next append where nothing is. So they are left out, and those of the snapshot are
     * given instead as soon as they are here: who is asked to vote must know the members. Ratis takes them after it has answered, and an
     * append in between might hold later ones.
     */
    private InstallSnapshotReplyProto askRatis(Optional<LogEntryProto> ofSnapshot) throws IOException {
        InstallSnapshotRequestProto.Builder asking = askingForMore();
        if (ofSnapshot.isEmpty()) {
            return server.installSnapshot(
                    asking.clearLastRaftConfigurationLogEntryProto().build());
        }
        asking.setLastRaftConfigurationLogEntryProto(ofSnapshot.get());
        CompletableFuture<InstallSnapshotReplyProto> reply = new CompletableFuture<>();
        RatisStateMachine machine = group.machine();
        machine.givenOfSnapshot(ofSnapshot.get());
        try {
            CompletableFuture<?> unused = group.gate().between(() -> {
                reply.complete(server.installSnapshot(asking.build()));
                return reply;
            });
        } finally {
            machine.givenOfSnapshot(null);
        }
        return reply.join();
    }

    /** Ratis looks for the leader among the members where it begins an installation, and never ends one for which it did not find it. */
    private boolean holdLeader(LogEntryProto members) {
        return members.getConfigurationEntry().getPeersList().stream()
                .anyMatch(peer -> peer.getId().equals(request.getServerRequest().getRequestorId()));
    }

    /**
     * A leader that restarts its connection forgets how far this replica is and tells it to install a snapshot from index 0 on. Ratis
     * would do so; if our log holds all that the leader's no longer does, we only say how far we agree.
     */
    private Optional<InstallSnapshotReplyProto> notNeeded() throws IOException {
        RaftServer.Division division = group.division();
        if (first.getIndex() <= 0
                || group.machine().copy().running()
                || !(division.getInfo().isFollower() || division.getInfo().isListener())
                || division.getInfo().getCurrentTerm() != request.getLeaderTerm()) {
            return Optional.empty();
        }
        long agreed = agreedIndex(division.getRaftLog());
        if (agreed < 0) {
            return Optional.empty();
        }
        LOG.info("snapshot not needed group={} leaderFirst={} agreedIndex={}", group.id(), first, agreed);
        return Optional.of(InstallSnapshotReplyProto.newBuilder()
                .setServerReply(GatedServer.reply(request.getServerRequest(), true))
                .setTerm(request.getLeaderTerm())
                .setResult(InstallSnapshotResult.ALREADY_INSTALLED)
                .setSnapshotIndex(agreed)
                .build());
    }

    /**
     * The last index up to which our log surely equals the leader's and is flushed; -1 where it does not hold the leader's first. To end
     * right before that one is not enough: the leader cannot say what comes before it, so it sends nothing and asks again, for ever.
     */
    private long agreedIndex(RaftLog log) {
        long committed = Math.min(log.getLastCommittedIndex(), log.getFlushIndex());
        if (committed >= first.getIndex()) {
            return committed;
        }
        boolean sameEntry = first.equals(log.getTermIndex(first.getIndex())) && log.getFlushIndex() >= first.getIndex();
        return sameEntry ? first.getIndex() : -1;
    }

    private void dropDivergentTail() throws IOException {
        if (first.getIndex() > 0) {
            RaftPeerId leader = RaftPeerId.valueOf(request.getServerRequest().getRequestorId());
            DivergentTail.drop(group, leader, request.getLeaderTerm(), first);
        }
    }

    /**
     * Ratis holds a snapshot that ends right before the leader's first entry for enough. It may not be ({@link #agreedIndex}), so it is told
     * that the leader begins one later and then copies. A leader that has applied its first entry gives a snapshot that goes further; one
     * that has not gives what we have, and can name it, since its own checkpoint ends there.
     */
    private InstallSnapshotRequestProto.Builder askingForMore() throws IOException {
        InstallSnapshotRequestProto.Builder asking = request.toBuilder();
        if (first.getIndex() > 0 && group.division().getRaftLog().getSnapshotIndex() == first.getIndex() - 1) {
            asking.getNotificationBuilder()
                    .setFirstAvailableTermIndex(TermIndex.valueOf(first.getTerm(), first.getIndex() + 1)
                            .toProto());
        }
        return asking;
    }
}
