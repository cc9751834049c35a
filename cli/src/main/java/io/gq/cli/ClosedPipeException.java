package io.gq.cli;

import java.io.IOException;

/** Nobody reads stdout any more, as after {@code gq consume logs | head}. */
final class ClosedPipeException extends IOException {

    private static final long serialVersionUID = 1L;

    ClosedPipeException(IOException cause) {
        super(cause);
    }
}
