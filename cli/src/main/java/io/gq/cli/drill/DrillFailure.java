package io.gq.cli.drill;

/** The drill could not be carried out; nothing is said about the cluster's promise. */
public final class DrillFailure extends Exception {

    private static final long serialVersionUID = 1L;

    public DrillFailure(String message) {
        super(message);
    }
}
