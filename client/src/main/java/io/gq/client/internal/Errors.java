package io.gq.client.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.client.GqException;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.TopicName;
import io.gq.proto.v1.Error;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns what the wire says of a failure into a {@link GqException}. */
public final class Errors {

    /** The trailer that holds a serialized {@link Error}. */
    public static final Metadata.Key<byte[]> TRAILER = Metadata.Key.of("gq-error-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private Errors() {}

    /** The exception an error on the wire stands for. A code this client does not know is final. */
    public static GqException fromWire(Error error) {
        Optional<ErrorCode> known = ErrorCode.named(error.getName());
        ErrorCode code = known.orElse(ErrorCode.INTERNAL);
        String message = known.isPresent()
                ? error.getMessage()
                : error.getName() + " (GQ-" + error.getNumber() + "): " + error.getMessage();
        String hint = error.getHint().isEmpty() ? known.map(ErrorCode::hint).orElse("") : error.getHint();
        return new GqException(
                code,
                message,
                known.isPresent() && error.getRetriable(),
                error.getOutcomeUnknown(),
                hint,
                Duration.ofMillis(Math.max(0, error.getRetryAfterMs())),
                null);
    }

    /** The exception a failed call stands for; {@code where} names the call and the broker. */
    public static GqException fromCall(String where, Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof GqException known) {
            return known;
        }
        if (cause instanceof BrokerException known) {
            return new GqException(known.code(), String.valueOf(known.getMessage()), known);
        }
        Status status;
        Metadata trailers;
        if (cause instanceof StatusRuntimeException s) {
            status = s.getStatus();
            trailers = s.getTrailers();
        } else if (cause instanceof StatusException s) {
            status = s.getStatus();
            trailers = s.getTrailers();
        } else {
            return new GqException(ErrorCode.INTERNAL, where + ": " + cause, cause);
        }
        Error detail = detail(trailers);
        if (detail != null) {
            return fromWire(detail);
        }
        ErrorCode code = codeOf(status.getCode());
        return new GqException(code, where + ": " + text(status), cause);
    }

    /**
     * Returns the name unchanged.
     *
     * @throws GqException INVALID_TOPIC where no topic can have it
     */
    public static String checkTopic(String name) {
        try {
            return TopicName.check(name);
        } catch (BrokerException e) {
            throw new GqException(e.code(), String.valueOf(e.getMessage()));
        }
    }

    /** What was really thrown, behind the wrappers of futures. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static @Nullable Error detail(@Nullable Metadata trailers) {
        byte[] bytes = trailers == null ? null : trailers.get(TRAILER);
        if (bytes == null) {
            return null;
        }
        try {
            return Error.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static ErrorCode codeOf(Status.Code code) {
        return switch (code) {
            case UNAVAILABLE -> ErrorCode.BROKER_UNAVAILABLE;
            case DEADLINE_EXCEEDED -> ErrorCode.TIMEOUT;
            case CANCELLED, ABORTED -> ErrorCode.OUTCOME_UNKNOWN;
            case RESOURCE_EXHAUSTED -> ErrorCode.THROTTLED;
            case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED_VERSION;
            case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
            case PERMISSION_DENIED -> ErrorCode.UNAUTHORIZED;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, NOT_FOUND, ALREADY_EXISTS ->
                ErrorCode.INVALID_REQUEST;
            case OK, UNKNOWN, INTERNAL, DATA_LOSS -> ErrorCode.INTERNAL;
        };
    }

    /** A refused certificate is named by what caused the failed handshake; other failures say it at once. */
    private static @Nullable Throwable telling(@Nullable Throwable failure) {
        Throwable found = failure;
        while (found instanceof SSLException && found.getCause() != null) {
            found = found.getCause();
        }
        return found;
    }

    private static String text(Status status) {
        StringBuilder text = new StringBuilder(status.getCode().name());
        if (status.getDescription() != null) {
            text.append(": ").append(status.getDescription());
        }
        Throwable root = telling(status.getCause());
        if (root != null && root.getMessage() != null) {
            text.append(": ").append(root.getMessage().lines().findFirst().orElse(""));
        }
        return text.toString();
    }
}
