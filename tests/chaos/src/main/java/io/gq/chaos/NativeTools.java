package io.gq.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** What Java cannot do by itself, compiled from C on the machine it runs on. */
final class NativeTools {

    private NativeTools() {}

    /**
     * A program that stops file systems as a loss of power does.
     *
     * @throws HostCommandException where there is no compiler
     */
    static Path poweroff(Path dir) {
        return compile(dir, "poweroff", List.of());
    }

    /** The library of {@link Shim}. */
    static Path shim(Path dir) {
        return compile(dir, "shim", List.of("-shared", "-fPIC", "-ldl"));
    }

    private static Path compile(Path dir, String name, List<String> options) {
        Path source = dir.resolve(name + ".c");
        Path made = dir.resolve(name + (options.contains("-shared") ? ".so" : ""));
        try (InputStream text = NativeTools.class.getResourceAsStream(name + ".c")) {
            if (text == null) {
                throw new IllegalStateException(name + ".c: not on the class path");
            }
            Files.copy(text, source, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of("cc", "-O2", "-o", made.toString(), source.toString()));
        command.addAll(options);
        HostCommand.run(command.toArray(String[]::new));
        return made;
    }
}
