package io.gq.broker.grpc;

/** The bytes of one answer, from the moment it is made until it is written out or the call is gone. Safe for use by many threads. */
final class FetchCharge {

    private final ByteBudget connection;
    private final ByteBudget process;
    private long charged;
    private boolean over;

    FetchCharge(ByteBudget connection, ByteBudget process) {
        this.connection = connection;
        this.process = process;
    }

    /** False where a budget has no room for it. A call that is over already is not charged. */
    synchronized boolean tryCharge(long bytes) {
        if (over) {
            return true;
        }
        if (!connection.tryCharge(bytes)) {
            return false;
        }
        if (!process.tryCharge(bytes)) {
            connection.release(bytes);
            return false;
        }
        charged = bytes;
        return true;
    }

    /** Harmless when repeated. */
    void release() {
        long bytes;
        synchronized (this) {
            over = true;
            bytes = charged;
            charged = 0;
        }
        connection.release(bytes);
        process.release(bytes);
    }
}
