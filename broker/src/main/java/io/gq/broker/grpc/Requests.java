package io.gq.broker.grpc;

import com.google.protobuf.ByteString;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicId;
import io.gq.core.service.FetchService;
import io.gq.core.service.ReadLevel;
import io.gq.core.service.TopicSpec;
import io.gq.proto.v1.ListOffsetsPartition;
import io.gq.proto.v1.TopicRef;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Parts of requests as the services know them; refuses with INVALID_REQUEST what no client of ours would send. */
final class Requests {

    private Requests() {}

    static TopicSpec topic(TopicRef topic) {
        if (topic.getId().isEmpty() && topic.getName().isEmpty()) {
            throw invalid("topic", "neither id nor name", "one of them");
        }
        return new TopicSpec(topicId(topic.getId()), topic.getName());
    }

    static int partition(int partition) {
        if (partition < 0) {
            throw new BrokerException(ErrorCode.UNKNOWN_PARTITION, "partition: " + partition + " (expected: >= 0)");
        }
        return partition;
    }

    static ReadLevel level(io.gq.proto.v1.ReadLevel level) {
        return switch (level) {
            case READ_LEVEL_COMMITTED -> ReadLevel.COMMITTED;
            case READ_LEVEL_LINEARIZABLE -> ReadLevel.LINEARIZABLE;
            case READ_LEVEL_LEADER -> ReadLevel.LEADER;
            case UNRECOGNIZED -> throw invalid("read_level", "unknown", "committed, linearizable or leader");
        };
    }

    static FetchService.At at(ListOffsetsPartition query) {
        return switch (query.getAtCase()) {
            case EARLIEST -> new FetchService.At.Earliest();
            case LATEST -> new FetchService.At.Latest();
            case TIMESTAMP_MS -> new FetchService.At.Timestamp(query.getTimestampMs());
            case AT_NOT_SET -> throw invalid("at", "not set", "earliest, latest or timestamp_ms");
        };
    }

    /** A wish between 0 (then the limit) and the limit. */
    static int atMost(String name, int wish, long limit) {
        if (wish < 0) {
            throw invalid(name, wish, ">= 0");
        }
        return wish == 0 ? (int) limit : (int) Math.min(wish, limit);
    }

    static int notNegative(String name, int value) {
        if (value < 0) {
            throw invalid(name, value, ">= 0");
        }
        return value;
    }

    static BrokerException invalid(String name, Object value, String expected) {
        return new BrokerException(ErrorCode.INVALID_REQUEST, name + ": " + value + " (expected: " + expected + ")");
    }

    private static Optional<TopicId> topicId(ByteString id) {
        if (id.isEmpty()) {
            return Optional.empty();
        }
        if (id.size() != 16) {
            throw invalid("topic id", id.size() + " bytes", "16 bytes");
        }
        ByteBuffer bytes = id.asReadOnlyByteBuffer();
        return Optional.of(new TopicId(new UUID(bytes.getLong(), bytes.getLong())));
    }
}
