package io.gq.bench.load;

/** A record failed, or could not be read: there is no figure. */
public final class LoadFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LoadFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
