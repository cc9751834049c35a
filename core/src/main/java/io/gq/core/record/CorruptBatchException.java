package io.gq.core.record;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Bytes that are no record batch, not a whole one, or one that asks for more than its reader allows. */
public final class CorruptBatchException extends BrokerException {

    private static final long serialVersionUID = 1L;

    CorruptBatchException(ErrorCode code, String message) {
        super(code, message);
    }

    CorruptBatchException(String message) {
        this(message, null);
    }

    CorruptBatchException(String message, @Nullable Throwable cause) {
        super(ErrorCode.CORRUPT_BATCH, message, cause);
    }
}
