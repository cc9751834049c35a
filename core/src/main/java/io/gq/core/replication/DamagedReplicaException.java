package io.gq.core.replication;

/** A replica's disk does not hold what its log or checkpoint says: it must be set aside and rebuilt from its peers. */
public final class DamagedReplicaException extends Exception {
    private static final long serialVersionUID = 1L;

    public DamagedReplicaException(String message) {
        super(message);
    }
}
