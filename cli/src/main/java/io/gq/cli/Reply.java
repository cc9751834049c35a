package io.gq.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The answer of a command, to stdout. */
final class Reply {

    private Reply() {}

    static void text(Terminal terminal, String text) {
        DataOutput out = new DataOutput(terminal.out());
        try {
            out.text(text);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One line. */
    static void json(Terminal terminal, Object value) {
        text(terminal, JsonText.of(value) + "\n");
    }
}
