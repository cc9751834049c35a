package io.gq.cli;

import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts what {@code gq produce} did. Answers come on another thread. */
final class ProduceTally {

    private final long startNanos = System.nanoTime();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final AtomicReference<@Nullable GqException> firstFailure = new AtomicReference<>();
    private volatile boolean stopped;
    private long sent;
    private long bytes;

    void sent(int recordBytes) {
        sent++;
        bytes += recordBytes;
    }

    /** For the future of a record; only one of both is there. */
    void answered(@Nullable Object metadata, @Nullable Throwable failure) {
        if (failure == null) {
            acknowledged.incrementAndGet();
            return;
        }
        GqException reason = failure instanceof GqException known
                ? known
                : new GqException(ErrorCode.INTERNAL, String.valueOf(failure), failure);
        (reason.outcomeUnknown() ? unknown : failed).incrementAndGet();
        firstFailure.compareAndSet(null, reason);
        if (!reason.retriable() && !reason.outcomeUnknown() && reason.code() != ErrorCode.MESSAGE_TOO_LARGE) {
            stopped = true; // every further record would fail alike
        }
    }

    /** Reads no further. */
    void stop() {
        stopped = true;
    }

    boolean stopped() {
        return stopped;
    }

    long sent() {
        return sent;
    }

    long bytes() {
        return bytes;
    }

    @Nullable
    GqException firstFailure() {
        return firstFailure.get();
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("records", acknowledged.get());
        json.put("failed", failed.get());
        json.put("outcome_unknown", unknown.get());
        json.put("bytes", bytes);
        json.put("seconds", Math.round(seconds() * 1000) / 1000.0);
        return json;
    }

    String text() {
        double seconds = seconds();
        return String.format(
                Locale.ROOT,
                "produced %d records, %.1f MB in %.2f s (%.0f records/s, %.1f MB/s), %d failed%s",
                acknowledged.get(),
                bytes / 1e6,
                seconds,
                acknowledged.get() / seconds,
                bytes / 1e6 / seconds,
                failed.get(),
                unknown.get() == 0 ? "" : ", " + unknown.get() + " with an unknown outcome");
    }

    private double seconds() {
        return Math.max(1, System.nanoTime() - startNanos) / 1e9;
    }
}
