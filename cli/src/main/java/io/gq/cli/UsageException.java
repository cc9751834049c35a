package io.gq.cli;

/** Options that do not fit together, or input that the command cannot take. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
