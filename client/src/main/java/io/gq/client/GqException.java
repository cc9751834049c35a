package io.gq.client;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a call failed. {@link #code()} is stable for ever; {@link #outcomeUnknown()} tells a call that may have taken effect from
 * one that certainly did not.
 */
public class GqException extends BrokerException {

    private static final long serialVersionUID = 1L;

    private final boolean retriable;
    private final boolean outcomeUnknown;
    private final String hint;
    private final Duration retryAfter;
    private final boolean deadlineOver;

    /** An exception that says of itself what its code says. */
    public GqException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** An exception that says of itself what its code says. */
    public GqException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(
                code,
                message,
                code.retriable(),
                code.kind() == ErrorCode.Kind.UNKNOWN_OUTCOME,
                code.hint(),
                Duration.ZERO,
                cause);
    }

    public GqException(
            ErrorCode code,
            String message,
            boolean retriable,
            boolean outcomeUnknown,
            String hint,
            Duration retryAfter,
            @Nullable Throwable cause) {
        this(code, message, retriable, outcomeUnknown, hint, retryAfter, cause, code == ErrorCode.TIMEOUT);
    }

    private GqException(
            ErrorCode code,
            String message,
            boolean retriable,
            boolean outcomeUnknown,
            String hint,
            Duration retryAfter,
            @Nullable Throwable cause,
            boolean deadlineOver) {
        super(code, message, cause);
        this.retriable = retriable;
        this.outcomeUnknown = outcomeUnknown;
        this.hint = hint;
        this.retryAfter = retryAfter;
        this.deadlineOver = deadlineOver;
    }

    /** The same failure, of a call that was given up because its time was over: the code says what stood in its way. */
    public GqException atDeadline() {
        return new GqException(
                code(), String.valueOf(getMessage()), retriable, outcomeUnknown, hint, retryAfter, getCause(), true);
    }

    /** True where the call was certainly not done and may succeed when it is repeated. */
    public boolean retriable() {
        return retriable;
    }

    /** True where the call may or may not have taken effect. */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }

    /** True where the call was given up because its time was over, whatever kept it from succeeding. */
    public boolean deadlineOver() {
        return deadlineOver;
    }

    /** What to do about it, for a person. May be empty. */
    public String hint() {
        return hint;
    }

    /** Wait at least this long before trying again; zero where the broker asked for no wait. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
