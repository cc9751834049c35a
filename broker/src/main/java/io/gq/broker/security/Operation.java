package io.gq.broker.security;

/** What a caller wants to do, as far as permission is concerned. */
public enum Operation {
    /** Hello, health, reflection: what a client needs before it can do anything. */
    CONNECT,
    /** See topics, brokers and where partitions are. */
    DESCRIBE,
    PRODUCE,
    FETCH,
    CREATE_TOPIC,
    DELETE_TOPIC,
    /** Settings and number of partitions. */
    ALTER_TOPIC,
    /** Move leaders and the like. */
    OPERATE,
    /** What only a broker of the cluster does. */
    PEER
}
