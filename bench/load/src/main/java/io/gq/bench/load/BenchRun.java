package io.gq.bench.load;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One run of {@code gq bench}: the topic it needs, what it shows meanwhile, and its report. */
final class BenchRun implements LoadWatcher, AutoCloseable {

    private static final String CLEAR_LINE = "\r\033[K";

    private final String work;
    private final BenchOptions options;
    private final Driver driver;
    private final PrintStream out;
    private final Optional<PrintStream> screen;
    private final String topic;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread onInterrupt = new Thread(this::leave, "gq-interrupt");

    private BenchRun(String work, BenchOptions options, Driver driver, PrintStream out, Optional<PrintStream> screen) {
        this.work = work;
        this.options = options;
        this.driver = driver;
        this.out = out;
        this.screen = screen;
        this.topic = options.topic == null ? "gq-bench-" + work + "-" + System.currentTimeMillis() : options.topic;
    }

    /** @param screen where progress is shown; empty: nobody watches */
    static BenchRun open(
            String work, BenchOptions options, Driver driver, PrintStream out, Optional<PrintStream> screen) {
        BenchRun run = new BenchRun(work, options, driver, out, screen);
        try {
            if (options.topic == null) {
                driver.createTopic(run.topic, options.partitions, options.replicas, options.config);
            }
        } catch (RuntimeException e) {
            driver.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(run.onInterrupt);
        return run;
    }

    Driver driver() {
        return driver;
    }

    String topic() {
        return topic;
    }

    @Override
    public void tick(Progress p) {
        screen.ifPresent(line -> line.print(CLEAR_LINE
                + String.format(
                        Locale.ROOT,
                        "%s %s  %.0f/%.0f s  %,.0f records/s  %.1f MB/s",
                        work,
                        p.warmingUp() ? "warming up" : "measuring",
                        p.seconds(),
                        p.totalSeconds(),
                        p.recordsPerSecond(),
                        p.megabytesPerSecond())));
        screen.ifPresent(PrintStream::flush);
    }

    /** Answers the exit code. */
    int report(LoadSpec spec, LoadResult result) {
        screen.ifPresent(line -> line.print(CLEAR_LINE));
        if (options.json()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("work", work);
            json.put("rate", spec.perSecond());
            json.put("producers", spec.producers());
            json.put("warm_up_s", spec.warmUp().toMillis() / 1000.0);
            json.putAll(result.json());
            out.println(BenchReport.json(json));
        } else {
            out.print(BenchReport.text(work, result));
        }
        out.flush();
        return 0;
    }

    /** Answers the exit code. */
    int report(IdleClients.Result result) {
        screen.ifPresent(line -> line.print(CLEAR_LINE));
        if (options.json()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("work", work);
            json.putAll(result.json());
            out.println(BenchReport.json(json));
        } else {
            out.print(result.text());
        }
        out.flush();
        return 0;
    }

    @Override
    public void close() {
        leave();
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException e) {
            // the process ends already
        }
    }

    private void leave() {
        if (closed.compareAndSet(false, true)) {
            try (driver) {
                if (options.topic == null && !options.keep) {
                    driver.deleteTopic(topic);
                }
            }
        }
    }
}
