package io.gq.bench.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What clusters ask of the machine. */
final class Commands {

    private static final int LINES = 20;
    private static final long LOOK_AGAIN_MS = 100;

    private Commands() {}

    /**
     * Runs a command to its end, its output into a file.
     *
     * @throws CompareFailure with the end of its output, where its exit code is not 0
     */
    static void run(ProcessBuilder command, Path output) {
        try {
            Files.createDirectories(output.toAbsolutePath().getParent());
            int code = command.redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new CompareFailure(
                        command.command().get(0) + " ended with " + code + " (expected: 0):\n" + lastLines(output));
            }
        } catch (IOException e) {
            throw new CompareFailure(command.command().get(0) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure(command.command().get(0) + ": interrupted", e);
        }
    }

    static String lastLines(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
        } catch (IOException e) {
            return file + ": " + e.getMessage();
        }
    }

    /** @throws CompareFailure where one of them is taken */
    static void checkFree(List<Integer> ports) {
        for (int port : ports) {
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                socket.getLocalPort();
            } catch (IOException e) {
                throw new CompareFailure(
                        "port " + port + ": taken by another process (expected: free; see --port-offset)", e);
            }
        }
    }

    static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Between two looks at something that takes its time. */
    static void pause() {
        try {
            Thread.sleep(LOOK_AGAIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompareFailure("interrupted", e);
        }
    }

    static void deleteTree(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new CompareFailure(directory + ": not deleted: " + e.getMessage(), e);
        }
    }
}
