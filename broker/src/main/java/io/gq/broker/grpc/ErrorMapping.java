package io.gq.broker.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.Error;
import io.gq.proto.v1.LeaderHint;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The one table between errors of the broker, the message {@code gq.v1.Error} and gRPC status. */
public final class ErrorMapping {

    /** Trailer of a failed call that holds a serialized {@code gq.v1.Error}. */
    public static final Metadata.Key<byte[]> TRAILER = Metadata.Key.of("gq-error-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final int THROTTLED_RETRY_MS = 100;

    private ErrorMapping() {}

    /** What went wrong, as an error with a code; what has none is INTERNAL. */
    public static BrokerException toBrokerException(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof BrokerException e) {
            return e;
        }
        if (cause instanceof StatusRuntimeException e) {
            return fromStatus(e.getStatus(), e.getTrailers());
        }
        if (cause instanceof StatusException e) {
            return fromStatus(e.getStatus(), e.getTrailers());
        }
        if (cause instanceof TimeoutException) {
            return new BrokerException(ErrorCode.TIMEOUT, "no answer in time: " + cause.getMessage(), cause);
        }
        if (cause instanceof CancellationException) {
            return new BrokerException(ErrorCode.SHUTTING_DOWN, "the call was called off by the broker", cause);
        }
        return new BrokerException(ErrorCode.INTERNAL, "unexpected: " + cause, cause);
    }

    public static Error toProto(BrokerException e) {
        return toProto(e, Optional.empty());
    }

    /** @param leader who leads, for NOT_LEADER */
    public static Error toProto(BrokerException e, Optional<LeaderHint> leader) {
        ErrorCode code = e.code();
        Error.Builder error = Error.newBuilder()
                .setName(code.name())
                .setNumber(code.number())
                .setMessage(String.valueOf(e.getMessage()))
                .setRetriable(code.retriable())
                .setOutcomeUnknown(code.kind() == ErrorCode.Kind.UNKNOWN_OUTCOME)
                .setHint(code.hint());
        if (code == ErrorCode.THROTTLED) {
            error.setRetryAfterMs(THROTTLED_RETRY_MS);
        }
        leader.ifPresent(error::setLeader);
        return error.build();
    }

    /** An error another broker sent. A code this version does not know becomes INTERNAL and keeps its name in the message. */
    public static BrokerException fromProto(Error error) {
        return ErrorCode.named(error.getName())
                .map(code -> new BrokerException(code, error.getMessage()))
                .orElseGet(() -> new BrokerException(
                        ErrorCode.INTERNAL,
                        error.getName() + " (GQ-" + error.getNumber() + "): " + error.getMessage()));
    }

    /** The status a unary call ends with: code, text and the trailer. */
    public static StatusRuntimeException toStatus(Throwable failure) {
        BrokerException e = toBrokerException(failure);
        Metadata trailers = new Metadata();
        trailers.put(TRAILER, toProto(e).toByteArray());
        return statusCode(e.code())
                .toStatus()
                .withDescription(e.code().label() + " " + e.code() + ": " + e.getMessage())
                .withCause(e)
                .asRuntimeException(trailers);
    }

    /** What a failed call to another broker means. */
    public static BrokerException fromStatus(Status status, @Nullable Metadata trailers) {
        byte[] bytes = trailers == null ? null : trailers.get(TRAILER);
        if (bytes != null) {
            try {
                return fromProto(Error.parseFrom(bytes));
            } catch (InvalidProtocolBufferException e) {
                return new BrokerException(ErrorCode.INTERNAL, "unreadable error of status " + status, e);
            }
        }
        ErrorCode code = switch (status.getCode()) {
            case UNAVAILABLE -> ErrorCode.BROKER_UNAVAILABLE;
            case DEADLINE_EXCEEDED, CANCELLED -> ErrorCode.TIMEOUT;
            case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
            case PERMISSION_DENIED -> ErrorCode.UNAUTHORIZED;
            case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED_VERSION;
            case RESOURCE_EXHAUSTED -> ErrorCode.THROTTLED;
            case INVALID_ARGUMENT -> ErrorCode.INVALID_REQUEST;
            default -> ErrorCode.INTERNAL;
        };
        return new BrokerException(
                code, "call failed: " + status.getCode() + " " + status.getDescription(), status.getCause());
    }

    private static Status.Code statusCode(ErrorCode code) {
        return switch (code) {
            case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
            case UNAUTHORIZED -> Status.Code.PERMISSION_DENIED;
            case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
            case OUTCOME_UNKNOWN -> Status.Code.UNKNOWN;
            case INTERNAL -> Status.Code.INTERNAL;
            case THROTTLED -> Status.Code.RESOURCE_EXHAUSTED;
            case TOPIC_EXISTS -> Status.Code.ALREADY_EXISTS;
            case OFFSET_OUT_OF_RANGE -> Status.Code.OUT_OF_RANGE;
            case CLUSTER_MISMATCH, DATA_DIR_IN_USE, DATA_DIR_MISMATCH, ADDRESS_IN_USE, PRODUCER_FENCED ->
                Status.Code.FAILED_PRECONDITION;
            case UNSUPPORTED_VERSION -> Status.Code.UNIMPLEMENTED;
            default ->
                switch (code.kind()) {
                    case RETRIABLE -> Status.Code.UNAVAILABLE;
                    case NOT_FOUND -> Status.Code.NOT_FOUND;
                    case FATAL -> Status.Code.INVALID_ARGUMENT;
                    case UNKNOWN_OUTCOME -> Status.Code.UNKNOWN;
                };
        };
    }
}
