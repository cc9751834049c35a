package io.gq.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the machine ({@code ip}, {@code mount}, ...), each run to its end within a bounded time. */
final class HostCommand {

    private static final int TIMEOUT_S = 30;

    /** @param output both streams together */
    record Result(int exit, String output) {}

    private HostCommand() {}

    /** @throws HostCommandException where the program is missing, does not end in time, or ends with another code than 0 */
    static String run(String... command) {
        Result result = attempt(command);
        if (result.exit() != 0) {
            throw new HostCommandException(
                    String.join(" ", command) + ": exit " + result.exit() + ": " + result.output());
        }
        return result.output();
    }

    /** Where it may fail. A missing program ends with 127, one that does not end with 124. */
    static Result attempt(String... command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Result(127, String.valueOf(e.getMessage()));
        }
        try {
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Result(124, "no end within " + TIMEOUT_S + " s");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.exitValue(), output.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new HostCommandException(List.of(command) + ": interrupted");
        }
    }
}
