package io.gq.raft;

import io.gq.core.replication.PayloadStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets entries of the Raft log that a checkpoint covers, and tells the payload store when that is durable. Entries which a member has
 * not got yet are kept for it, up to a limit. Ratis would delete files from the last to the first, so that a crash in between leaves a
 * hole: here each file is purged by a call of its own, oldest first.
 */
final class LogPurge {

    private static final Logger LOG = LoggerFactory.getLogger(LogPurge.class);
    private static final Pattern CLOSED = Pattern.compile("log_([0-9]+)-([0-9]+)");

    private final long laggingEntriesMax;
    private final Executor background;
    private final @Nullable PayloadStore payloads;

    LogPurge(long laggingEntriesMax, Executor background, @Nullable PayloadStore payloads) {
        this.laggingEntriesMax = laggingEntriesMax;
        this.background = background;
        this.payloads = payloads;
    }

    /** @param checkpointIndex everything up to it (inclusive) is durable in the machine */
    void upTo(long checkpointIndex, RaftServer.Division division) {
        long slowest = division.getCommitInfos().stream()
                .mapToLong(CommitInfoProto::getCommitIndex)
                .min()
                .orElse(checkpointIndex);
        long index = Math.min(checkpointIndex, Math.max(slowest, checkpointIndex - laggingEntriesMax));
        Path directory =
                division.getRaftStorage().getStorageDir().getCurrentDir().toPath();
        RaftLog log = division.getRaftLog();
        CompletableFuture<Long> purged = null;
        for (long end : closedEnds(directory)) {
            if (end <= index) {
                purged = log.purge(end);
            }
        }
        if (purged != null) {
            CompletableFuture<?> unused = purged.thenRunAsync(
                            () -> afterPurge(directory, log, checkpointIndex), background)
                    .exceptionally(e -> {
                        LOG.warn("payload is kept directory={}", directory, e);
                        return null;
                    });
        }
    }

    private void afterPurge(Path directory, RaftLog log, long checkpointIndex) {
        try {
            Directories.sync(directory);
        } catch (IOException e) {
            LOG.warn("sync after purge failed, payload is kept directory={}", directory, e);
            return;
        }
        if (payloads != null && log.isOpened()) {
            long start = log.getStartIndex();
            payloads.purged(start == RaftLog.INVALID_LOG_INDEX ? checkpointIndex + 1 : start);
        }
    }

    private static long[] closedEnds(Path directory) {
        return Directories.list(directory).stream()
                .map(file -> CLOSED.matcher(file.getFileName().toString()))
                .filter(Matcher::matches)
                .mapToLong(name -> Long.parseLong(name.group(2)))
                .sorted()
                .toArray();
    }
}
