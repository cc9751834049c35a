package io.gq.testing;

import java.io.IOException;

/** The simulated machine lost its power: nothing works until {@link FaultyFiles#crash}. */
public final class PowerLostException extends IOException {

    private static final long serialVersionUID = 1L;

    PowerLostException() {
        super("power lost");
    }
}
