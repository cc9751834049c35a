package io.gq.cli;

import io.gq.client.GqException;

/** The cluster could not even be asked how it is. */
final class UnhealthyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final GqException reason;

    UnhealthyException(GqException reason) {
        super(reason);
        this.reason = reason;
    }

    GqException reason() {
        return reason;
    }
}
