package io.gq.client.fake;

/** What is to happen to one produce request. */
public enum Trouble {
    NONE,
    /** Refused with NOT_LEADER and no hint, though this broker leads. */
    NOT_LEADER,
    /** Refused with THROTTLED. */
    THROTTLED,
    /** Appended, but the answer is never sent. */
    LOSE_ANSWER,
    /** Appended, but the stream breaks before the answer. */
    BREAK_AFTER,
    /** The stream breaks and nothing is appended. */
    BREAK_BEFORE,
    /** Appended, and answered with OUTCOME_UNKNOWN. */
    UNKNOWN_AFTER,
    /** Not appended, and answered with OUTCOME_UNKNOWN. */
    UNKNOWN_BEFORE,
    /** Handled a little later; what follows on the stream waits. */
    DELAY,
    /** Refused for good. */
    REFUSE
}
