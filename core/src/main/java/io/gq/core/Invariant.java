package io.gq.core;

/** A condition that only a defect can break. The group whose invariant broke stops; the process keeps the others. */
public final class Invariant {

    private Invariant() {}

    /** @throws Violation with the formatted message where the condition is false */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of every module
    public static void check(boolean condition, String format, Object... args) {
        if (!condition) {
            throw new Violation(String.format(format, args));
        }
    }

    /** A broken invariant. */
    public static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Violation(String message) {
            super("invariant broken: " + message);
        }
    }
}
