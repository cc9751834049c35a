package io.gq.bench.compare;

import io.gq.bench.load.Driver;
import java.util.List;

/** Three brokers of one product on this machine, with a directory and ports of their own. */
interface Cluster {

    String name();

    /** What acknowledges a record, for a person. */
    String durability();

    /**
     * Starts on empty disks and returns when all brokers are ready.
     *
     * @throws CompareFailure where a port is taken, or a broker does not come up
     */
    void start();

    /** Of the brokers that {@link #start} started. */
    List<Long> pids();

    Driver connect();

    /** Ends the brokers that {@link #start} started, if any runs, and deletes their data; their logs stay. */
    void stop();
}
