package io.gq.chaos;

/** What a fault asks of the machine, beyond processes. */
enum Need {
    /** A network of their own for the brokers. */
    NETWORK,
    /** A file system of its own for each broker. */
    DISK,
    /** A file system that can lose what was not synced. */
    POWER,
    /** A library between the broker and the system. */
    SHIM
}
