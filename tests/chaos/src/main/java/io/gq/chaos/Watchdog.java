package io.gq.chaos;

import java.time.Duration;

/** Ends the program where a run does not end by itself. What was made is taken away by the virtual machine's shutdown. */
final class Watchdog implements AutoCloseable {

    private static final int EXIT = 3;

    private final Thread thread;

    private Watchdog(Thread thread) {
        this.thread = thread;
    }

    static Watchdog start(Duration limit) {
        Thread thread = new Thread(
                () -> {
                    try {
                        Thread.sleep(limit.toMillis());
                    } catch (InterruptedException e) {
                        return; // the run ended
                    }
                    System.err.println("the run did not end within " + limit.toSeconds() + " s");
                    System.exit(EXIT);
                },
                "watchdog");
        thread.setDaemon(true);
        thread.start();
        return new Watchdog(thread);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
