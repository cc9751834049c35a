package io.gq.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Free loopback ports below the range from which the system draws ports of outgoing connections. Each is given once
 * by one process. Safe for use by many threads.
 */
public final class Ports {

    private static final int FIRST = 12_000;
    private static final int LAST = 32_000;

    /** Processes that run at the same time begin far from each other. */
    private static int next = FIRST + (int) (ProcessHandle.current().pid() * 997 % (LAST - FIRST));

    private Ports() {}

    /** @throws IllegalStateException where all are taken */
    public static synchronized int free() {
        for (int tries = FIRST; tries < LAST; tries++) {
            next = next + 1 < LAST ? next + 1 : FIRST;
            if (bindable(next)) {
                return next;
            }
        }
        throw new IllegalStateException("no free port in [" + FIRST + ", " + LAST + ")");
    }

    private static boolean bindable(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
