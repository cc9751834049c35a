package io.gq.bench.load;

import io.gq.bench.load.Driver.Answer;
import io.gq.bench.load.Driver.RecordSender;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One producer: hands records over when they are due, and takes the time until their answers. */
final class ProducerLane implements Runnable {

    private final LoadSession session;
    private final LongSupplier nanoTime;
    private final LoadSpec spec;
    private final int lane;
    private final RecordSender sender;
    private final boolean stamped;
    private final LatencyHistogram latency = new LatencyHistogram();
    private final @Nullable Semaphore slots;

    /** @param stamped values begin with the time they were meant to be sent */
    ProducerLane(
            LoadSession session, LongSupplier nanoTime, LoadSpec spec, int lane, RecordSender sender, boolean stamped) {
        this.session = session;
        this.nanoTime = nanoTime;
        this.spec = spec;
        this.lane = lane;
        this.sender = sender;
        this.stamped = stamped;
        this.slots = spec.inFlightMax() == 0 ? null : new Semaphore(spec.inFlightMax());
    }

    @Override
    public void run() {
        Pacer pacer = new Pacer(nanoTime, session.startNanos(), spec.perSecond(), lane, spec.producers());
        for (long n = 0; ; n++) {
            // at full speed a record is due when there is room for it, at a fixed rate whether there is or not
            boolean paced = spec.perSecond() > 0;
            if (!paced && slots != null) {
                slots.acquireUninterruptibly();
            }
            long intended = pacer.await(n);
            if (!session.runsAt(intended)) {
                break;
            }
            if (paced && slots != null) {
                slots.acquireUninterruptibly();
            }
            long number = n * spec.producers() + lane;
            byte[] value = stamped
                    ? spec.payloads().stamped(number, intended)
                    : spec.payloads().at(number);
            sender.send(value, new Due(intended, value.length));
        }
        sender.flush();
    }

    LatencyHistogram latency() {
        return latency;
    }

    /** A record on its way. */
    private final class Due implements Answer {
        private final long intendedNanos;
        private final int bytes;

        Due(long intendedNanos, int bytes) {
            this.intendedNanos = intendedNanos;
            this.bytes = bytes;
        }

        @Override
        public void answered(@Nullable Throwable failure) {
            if (failure != null) {
                session.fail(failure);
            } else {
                session.count(bytes);
                if (session.measures(intendedNanos)) {
                    latency.record(nanoTime.getAsLong() - intendedNanos);
                }
            }
            if (slots != null) {
                slots.release();
            }
        }
    }
}
