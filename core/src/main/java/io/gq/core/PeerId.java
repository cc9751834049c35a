package io.gq.core;

import java.util.regex.Pattern;

/**
 * A member of Raft groups: a node together with the incarnation of its storage. A wiped or replaced data directory has a new
 * incarnation, so it never votes under the name of the storage that is gone.
 *
 * @param incarnation 16 lower-case hexadecimal digits, drawn when the data directory was formatted
 */
public record PeerId(NodeId node, String incarnation) {

    private static final Pattern INCARNATION = Pattern.compile("[0-9a-f]{16}");

    public PeerId {
        if (!INCARNATION.matcher(incarnation).matches()) {
            throw new IllegalArgumentException("incarnation: " + incarnation + " (expected: 16 hexadecimal digits)");
        }
    }

    /** Parses what {@link #toString} prints. */
    public static PeerId parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 1) {
            throw new IllegalArgumentException("peerId: " + text + " (expected: <node>-<incarnation>)");
        }
        return new PeerId(new NodeId(Integer.parseInt(text.substring(0, dash))), text.substring(dash + 1));
    }

    /** The form used as the Raft peer id: {@code <node>-<incarnation>}. */
    @Override
    public String toString() {
        return node + "-" + incarnation;
    }
}
