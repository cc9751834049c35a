package io.gq.bench.load;

import io.gq.bench.load.Driver.RecordReceiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Many clients that are connected and do nothing, as most are most of the time. What a broker pays for them shows in its own metrics; here
 * it is seen whether it takes them, and still answers each of them at the end.
 */
final class IdleClients {

    private static final long TICK_NANOS = Duration.ofSeconds(1).toNanos();

    /**
     * @param connecting from nothing to the first answer
     * @param answer at the end, to clients that have been silent
     */
    record Result(int clients, Duration held, Percentiles connecting, Percentiles answer) {

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("clients", clients);
            json.put("held_s", held.toMillis() / 1000.0);
            json.put("connect_ms", connecting.json());
            json.put("answer_ms", answer.json());
            return json;
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "idle: %d clients connected and held for %.0f s; all answered%n"
                            + "connecting p50 %.1f ms, max %.1f ms; answer p50 %.1f ms, max %.1f ms%n",
                    clients,
                    held.toMillis() / 1000.0,
                    connecting.p50(),
                    connecting.max(),
                    answer.p50(),
                    answer.max());
        }
    }

    private IdleClients() {}

    /** @throws LoadFailure where a client gets no connection, or no answer at the end */
    static Result hold(Driver driver, String topic, int clients, Duration time, LoadWatcher watcher) {
        List<RecordReceiver> held = new ArrayList<>();
        try {
            LatencyHistogram connecting = new LatencyHistogram();
            for (int client = 1; client <= clients; client++) {
                long begin = System.nanoTime();
                try {
                    RecordReceiver receiver = driver.receiver(topic);
                    held.add(receiver);
                    var unused = receiver.available();
                } catch (RuntimeException e) {
                    throw new LoadFailure("client " + client + " of " + clients + ": not connected", e);
                }
                connecting.record(System.nanoTime() - begin);
            }
            hold(time, watcher);
            return new Result(
                    clients,
                    time,
                    LatencyHistogram.merged(List.of(connecting)),
                    LatencyHistogram.merged(List.of(ask(held))));
        } finally {
            held.forEach(RecordReceiver::close);
        }
    }

    private static void hold(Duration time, LoadWatcher watcher) {
        long begin = System.nanoTime();
        long left = time.toNanos();
        while (left > 0) {
            LockSupport.parkNanos(Math.min(left, TICK_NANOS));
            long elapsed = System.nanoTime() - begin;
            left = time.toNanos() - elapsed;
            watcher.tick(new LoadWatcher.Progress(elapsed / 1e9, time.toMillis() / 1e3, false, 0, 0));
        }
    }

    private static LatencyHistogram ask(List<RecordReceiver> clients) {
        LatencyHistogram answers = new LatencyHistogram();
        for (int client = 1; client <= clients.size(); client++) {
            long begin = System.nanoTime();
            try {
                var unused = clients.get(client - 1).available();
            } catch (RuntimeException e) {
                throw new LoadFailure("client " + client + " of " + clients.size() + ": not answered", e);
            }
            answers.record(System.nanoTime() - begin);
        }
        return answers;
    }
}
