package io.gq.it.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;

/** Free loopback ports below the range from which the system draws ports of outgoing connections. Each is given once. */
final class Ports {

    private static final int FIRST = 12_000;
    private static final int LAST = 32_000;

    private static int next = FIRST + new Random().nextInt(LAST - FIRST);

    private Ports() {}

    static synchronized int free() {
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
