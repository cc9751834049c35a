package io.gq.raft.transport;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The other end of connections, played by the test byte by byte. */
final class RawPeer implements AutoCloseable {

    private static final int TIMEOUT_MS = 20_000;

    private final ServerSocket listener;

    RawPeer() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(TIMEOUT_MS);
    }

    InetSocketAddress address() {
        return InetSocketAddress.createUnresolved("127.0.0.1", listener.getLocalPort());
    }

    Accepted accept() throws IOException {
        return new Accepted(listener.accept());
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** One connection; reads what comes, says what it is told. */
    static final class Accepted implements AutoCloseable {
        final Socket socket;
        final DataInputStream in;
        private final OutputStream out;

        Accepted(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(TIMEOUT_MS);
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        Accepted hello() throws IOException {
            byte[] said = in.readNBytes(Frame.HELLO_BYTES);
            if (!Frame.isHello(said)) {
                throw new IOException("no hello");
            }
            sayHello();
            return this;
        }

        void sayHello() throws IOException {
            byte[] bytes = new byte[Frame.HELLO_BYTES];
            Frame.hello().readBytes(bytes);
            out.write(bytes);
        }

        /** Reads a whole frame; the number of its call. */
        long readCall() throws IOException {
            int length = in.readInt();
            in.readByte();
            long call = in.readLong();
            in.skipNBytes(length - Long.BYTES - 1);
            return call;
        }

        void answer(long call) throws IOException {
            sayFrame(Long.BYTES + 1, Frame.ANSWER, call);
        }

        /** The head of a frame, at once: the other side may hang up at any part of it, and then no more can be written. */
        void sayFrame(int length, int kind, long call) throws IOException {
            out.write(ByteBuffer.allocate(Integer.BYTES + 1 + Long.BYTES)
                    .putInt(length)
                    .put((byte) kind)
                    .putLong(call)
                    .array());
        }

        /** Another language, at once, as {@link #sayFrame}. */
        void say(String ascii) throws IOException {
            out.write(ascii.getBytes(StandardCharsets.US_ASCII));
        }

        /** Waits for the other side to close; true when it does. */
        boolean ends() throws IOException {
            try {
                while (in.read() >= 0) {
                    Thread.onSpinWait();
                }
                return true;
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (java.net.SocketException e) {
                return true; // reset
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
