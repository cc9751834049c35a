package io.gq.testing.history;

/** What can be wrong with a history. */
public enum FindingKind {
    /** Acknowledged, and gone, from before the first acknowledged record that is still there. */
    LOST_PREFIX,
    /** Acknowledged, and gone, though acknowledged records before and after it are there. */
    LOST_MIDDLE,
    /** Acknowledged, and gone, from after the last acknowledged record that is still there. */
    LOST_TAIL,
    /** Seen, though nobody tried to append it, or the append was refused for certain. */
    PHANTOM,
    /** Two observers (an acknowledgement, a reader, a replica, the final read) disagree on what lies at an offset. */
    DIVERGENCE,
    /** One append lies at two offsets. */
    DUPLICATE,
    /** Acknowledged appends of one producer lie in another order than it made them. */
    PRODUCER_ORDER,
    /** A reader saw offsets that do not grow. */
    READ_ORDER,
    /** A reader went past a record that is there. */
    READ_SKIP,
    /** A reader saw a record that was not there in the end. */
    UNCOMMITTED_READ,
    /** An append that began after another was acknowledged lies before it. */
    REAL_TIME_ORDER,
    /** A linearizable answer did not cover what had been acknowledged, or went back behind an earlier answer. */
    STALE_READ
}
