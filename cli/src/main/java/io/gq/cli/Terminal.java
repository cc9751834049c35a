package io.gq.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What surrounds a command: its streams, and the wish of its user that it stop.
 *
 * @param out data; a write to a closed pipe throws
 * @param err messages
 * @param interactive somebody watches {@code err}
 * @param answering somebody types {@code in}
 */
record Terminal(InputStream in, OutputStream out, PrintStream err, boolean interactive, boolean answering) {

    private static final long STOP_WAIT_MS = 1000;

    /** The streams of this process. The launcher says whether stdin and stderr are a terminal. */
    static Terminal ofProcess() {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Boolean.getBoolean("gq.stderr.tty"),
                Boolean.getBoolean("gq.stdin.tty"));
    }

    /** Asks on {@code err}; true where the answer is yes, in full. */
    boolean confirms(String question) throws IOException {
        err.print(question + " Type yes to go on: ");
        err.flush();
        StringBuilder answer = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            answer.append((char) c);
        }
        return answer.toString().strip().equals("yes");
    }

    /**
     * Runs {@code stop}, which may take its time, when the process is told to end (Ctrl-C, SIGTERM), and holds the end up until the command has closed what
     * this returns, for a second after {@code stop} at most.
     */
    static Stopping onInterrupt(Runnable stop) {
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    try {
                        boolean unused = finished.await(STOP_WAIT_MS, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "gq-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            finished.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the process ends already: the hook has seen that we are done
            }
        };
    }

    /** Closed when the command is done. */
    interface Stopping extends AutoCloseable {
        @Override
        void close();
    }
}
