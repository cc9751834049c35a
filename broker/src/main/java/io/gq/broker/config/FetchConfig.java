package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * Limits on reads.
 *
 * @param waitMax longest long poll; a request that asks for more gets this
 * @param responseBytesMax of one answer over all its partitions; a single larger batch still passes
 * @param partitionBytesMax of one partition in one answer
 * @param partitionsMax in one request
 * @param connectionBytesMax answers of one connection that are not written out yet; above it a fetch is THROTTLED
 * @param processBytesMax the same over all connections
 * @param followerReads whether a follower may answer; otherwise every read at level committed goes to the leader
 */
public record FetchConfig(
        Duration waitMax,
        ByteSize responseBytesMax,
        ByteSize partitionBytesMax,
        int partitionsMax,
        ByteSize connectionBytesMax,
        ByteSize processBytesMax,
        boolean followerReads) {

    public FetchConfig {
        new Checks("fetch.")
                .range("wait_max", waitMax, "0s", "10m")
                .range("response_bytes_max", responseBytesMax, "64KB", "256MB")
                .range("partition_bytes_max", partitionBytesMax, "1KB", "256MB")
                .range("partitions_max", partitionsMax, 1, 100_000)
                .range("connection_bytes_max", connectionBytesMax, "64KB", "1TB")
                .range("process_bytes_max", processBytesMax, "64KB", "1TB")
                .done();
    }
}
