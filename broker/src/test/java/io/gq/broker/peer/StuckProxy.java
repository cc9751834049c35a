package io.gq.broker.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a server; connections that were open when it was told to stick carry no bytes any more, only their end. New ones work.
 */
final class StuckProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final AtomicInteger age = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    StuckProxy(int targetPort) throws IOException {
        target = targetPort;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void stick() {
        age.incrementAndGet();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(near);
                sockets.add(far);
                int made = age.get();
                start(() -> pump(near, far, made));
                start(() -> pump(far, near, made));
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void pump(Socket from, Socket to, int made) {
        byte[] buffer = new byte[1000];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (age.get() == made) {
                    out.write(buffer, 0, count);
                    out.flush();
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // closed
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "stuck-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
