package io.gq.raft;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a former leader's log that the present leader's does not hold, where the latter begins only after the place at which the two
 * part. No append can overwrite it, and a snapshot does not replace what reaches beyond it: it has to go before one is copied.
 *
 * <p>What goes is surely not committed: the leader of the present term holds every committed entry (Leader Completeness, Raft §5.4.3), so
 * where its entry is of another term than ours, ours is not, nor is any after it. What comes before may be, and stays until the snapshot
 * is installed; the replica keeps its vote throughout.
 */
final class DivergentTail {

    private static final Logger LOG = LoggerFactory.getLogger(DivergentTail.class);
    private static final Duration DROP_TIMEOUT = Duration.ofSeconds(1);

    private DivergentTail() {}

    /**
     * Drops our entries from the leader's first on, where the one there is not the leader's. Waits for the file, also where an earlier
     * call has begun.
     *
     * @param leader who says so; nothing is dropped where this replica does not follow it in this very term, since what a former leader
     *     says under a later term proves nothing
     * @param first the first entry of the leader's log
     * @throws IOException where the entries were not dropped in time: to be asked again; or could not be: the group is fenced
     */
    static void drop(HostedGroup group, RaftPeerId leader, long term, TermIndex first) throws IOException {
        CompletableFuture<?> dropped = group.gate().between(() -> begin(group, leader, term, first));
        try {
            dropped.get(DROP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IOException("truncation of the log from index " + first.getIndex() + " on: not in time", e);
        } catch (ExecutionException e) {
            throw new IOException("truncation of the log from index " + first.getIndex() + " on", e);
        }
    }

    private static CompletableFuture<?> begin(HostedGroup group, RaftPeerId leader, long term, TermIndex first)
            throws IOException {
        RaftServer.Division division = group.division();
        synchronized (division) { // under which Ratis changes role, term and leader, and begins a copy
            RaftLog log = division.getRaftLog();
            TermIndex ours = log.getTermIndex(first.getIndex());
            if (ours == null
                    || ours.getTerm() == first.getTerm()
                    || log.getLastCommittedIndex() >= first.getIndex()
                    || !follows(division.getInfo(), leader, term)
                    || group.machine().copy().running()) {
                return CompletableFuture.completedFuture(null);
            }
            TermIndex last = log.getLastEntryTermIndex();
            LOG.info("end of the log is not the leader's, dropped group={} from={} to={}", group.id(), ours, last);
            for (long index = last.getIndex(); index >= first.getIndex(); index--) {
                RatisInternals.notifyTruncated(log, log.getTermIndex(index));
            }
            return log.truncate(first.getIndex())
                    .thenApply(end -> checked(end, log, first))
                    .whenComplete((end, failure) -> {
                        if (failure != null) { // whoever waits for it by now
                            group.machine().storageFailed("truncation of the Raft log", new IOException(failure));
                        }
                    });
        }
    }

    /** Ratis' writer passes over a failure to truncate, taking it for one of a file that a snapshot has replaced. */
    private static Long checked(Long end, RaftLog log, TermIndex first) {
        if (log.getFlushIndex() >= first.getIndex()) {
            throw new CompletionException(new IOException("the log still ends at index " + log.getFlushIndex()));
        }
        return end;
    }

    private static boolean follows(DivisionInfo info, RaftPeerId leader, long term) {
        return (info.isFollower() || info.isListener())
                && info.getCurrentTerm() == term
                && leader.equals(info.getLeaderId());
    }
}
