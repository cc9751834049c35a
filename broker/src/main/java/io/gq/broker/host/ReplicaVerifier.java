package io.gq.broker.host;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.partition.log.LogScrub;
import io.gq.partition.log.LogVerdict;
import io.gq.proto.v1.ReplicaVerification;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads whole replicas from the disk because somebody asked for it, in place of the scrub. Safe for use by many threads. */
final class ReplicaVerifier {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaVerifier.class);

    private final NodeId self;
    private final BiConsumer<GroupId, String> rebuild;
    private final Executor executor;

    /**
     * @param rebuild told of a damaged replica, and of what is wrong
     * @param executor reads one replica at a time
     */
    ReplicaVerifier(NodeId self, BiConsumer<GroupId, String> rebuild, Executor executor) {
        this.self = self;
        this.rebuild = rebuild;
        this.executor = executor;
    }

    CompletableFuture<ReplicaVerification> verify(HostedPartition partition, long fromOffset, long toOffset) {
        return CompletableFuture.supplyAsync(() -> run(partition, fromOffset, toOffset), executor);
    }

    private ReplicaVerification run(HostedPartition partition, long fromOffset, long toOffset) {
        LogVerdict verdict;
        try {
            verdict = partition.view().verify(fromOffset, toOffset);
        } catch (IOException e) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, partition.name() + ": not read to its end: " + e.getMessage(), e);
        }
        LOG.info(
                "verified partition={} offsets=[{},{}) bytes={} damage={}",
                partition.name(),
                verdict.startOffset(),
                verdict.endOffset(),
                verdict.bytes(),
                verdict.damage().size());
        verdict.damage().stream()
                .filter(LogScrub.Damage::rebuild)
                .findFirst()
                .ifPresent(damage -> rebuild.accept(partition.id(), damage.what()));
        return ReplicaVerification.newBuilder()
                .setNodeId(self.value())
                .setRole(partition.group().leadership().role().name())
                .setStartOffset(verdict.startOffset())
                .setEndOffset(verdict.endOffset())
                .setBytes(verdict.bytes())
                .setDigest(verdict.digest())
                .addAllDamage(
                        verdict.damage().stream().map(LogScrub.Damage::what).toList())
                .build();
    }
}
