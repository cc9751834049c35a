package io.gq.core.service;

/** Which replica may answer a read, and what it must know before it does. */
public enum ReadLevel {
    /** Any replica, up to its high watermark, never earlier than the watermark the reader has seen. */
    COMMITTED,
    /** Any replica, after a ReadIndex round: sees everything acknowledged before the call began. */
    LINEARIZABLE,
    /** The leader, without a round. */
    LEADER
}
