package io.gq.partition;

/** Told by a replica that it cannot go on. Called from storage threads: must be quick and must not close the replica in the call. */
public interface ReplicaListener {

    ReplicaListener NONE = new ReplicaListener() {};

    /** A write or sync failed: the replica stores nothing more. It may come back through recovery only. May repeat. */
    default void storageFailed(Exception cause) {}

    /** Stored bytes fail their checksum: the replica is to be rebuilt from its peers. May repeat. */
    default void damaged(String what) {}
}
