package io.gq.broker.grpc;

import io.gq.core.ErrorCode;

/** What the front door counts: per call or batch, never per record. */
public interface FrontDoorMetrics {

    FrontDoorMetrics NONE = new FrontDoorMetrics() {};

    default void connectionOpened() {}

    default void connectionClosed() {}

    /** A connection above the limit was closed. */
    default void connectionRefused() {}

    /** A batch came in. */
    default void produceReceived(int bytes) {}

    /** A batch was committed. */
    default void produceDone(long nanos) {}

    /** Reading from a produce stream paused because a byte budget is used up. */
    default void producePaused() {}

    /** A fetch was answered. */
    default void fetchDone(long bytes, long nanos) {}

    /** A call, or one partition of a call, was refused. */
    default void refused(ErrorCode code) {}
}
