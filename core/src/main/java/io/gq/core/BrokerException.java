package io.gq.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operating trouble with a stable code. The message carries name, value and expectation. */
public class BrokerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public BrokerException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public BrokerException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    public ErrorCode code() {
        return code;
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // the message goes over the wire bare; only print shows the code
    public String toString() {
        return code.label() + " " + code + ": " + getMessage();
    }
}
