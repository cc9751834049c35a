package io.gq.chaos;

/** The machine did not do what it was asked to. */
final class HostCommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HostCommandException(String message) {
        super(message);
    }
}
