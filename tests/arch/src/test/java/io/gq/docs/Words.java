package io.gq.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of the project that people read. */
final class Words {

    static final Path ROOT = root();

    private Words() {}

    static String read(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path dir = Path.of("").toAbsolutePath();
        while (!Files.exists(dir.resolve("LICENSE"))) {
            dir = dir.getParent();
            if (dir == null) {
                throw new IllegalStateException(
                        "no LICENSE above " + Path.of("").toAbsolutePath());
            }
        }
        return dir;
    }
}
