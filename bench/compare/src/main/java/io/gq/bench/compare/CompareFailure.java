package io.gq.bench.compare;

import org.jspecify.annotations.Nullable;

/** A cluster did not do what a comparison needs; the message is for a person. */
final class CompareFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CompareFailure(String message) {
        this(message, null);
    }

    CompareFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
