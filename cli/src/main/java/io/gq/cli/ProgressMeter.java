package io.gq.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar where somebody watches, else nothing. */
final class ProgressMeter implements AutoCloseable {

    private static final int WIDTH = 100;
    private static final int REFRESH_MS = 200;

    private final @Nullable ProgressBar bar;

    private ProgressMeter(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** @param bytesMax -1: not known */
    static ProgressMeter start(Terminal terminal, String task, long bytesMax) {
        if (!terminal.interactive()) {
            return new ProgressMeter(null);
        }
        return new ProgressMeter(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(bytesMax)
                .setUnit(" MB", 1_000_000)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MS)
                .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), WIDTH))
                .build());
    }

    void advanceTo(long bytes) {
        if (bar != null) {
            bar.stepTo(bytes);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
