package io.gq.chaos;

/** A fault had nothing to act on; the message says why. */
final class NotInjectedException extends Exception {
    private static final long serialVersionUID = 1;

    NotInjectedException(String message) {
        super(message);
    }
}
