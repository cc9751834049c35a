package io.gq.it.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Files whose lines are records: the real ones where they are at hand, and always made ones with everything bytes can be. */
public record Lines(String name, List<byte[]> records) {

    private static final String FOLDER = "shared/data";

    /** One record a line: the bytes before each line feed, unchanged. */
    public static List<Lines> all() {
        List<Lines> files = new ArrayList<>();
        files.add(made());
        folder().ifPresent(dir -> {
            try (Stream<Path> list = Files.list(dir)) {
                list.filter(file -> file.toString().endsWith(".log")).sorted().forEach(file -> files.add(read(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return files;
    }

    /** Beside the project, or beside the folder the project lies in. */
    private static Optional<Path> folder() {
        Path dir = Path.of("").toAbsolutePath();
        while (dir != null) {
            if (Files.isDirectory(dir.resolve(FOLDER))) {
                return Optional.of(dir.resolve(FOLDER));
            }
            dir = dir.getParent();
        }
        return Optional.empty();
    }

    private static Lines read(Path file) {
        try {
            return new Lines(file.getFileName().toString(), split(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty lines, carriage returns, every byte but the line feed, and lines of many lengths. */
    private static Lines made() {
        Random random = new Random(20_261_121);
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            records.add("2026-11-21 12:00:00,%03d INFO worker-%d took block blk_%d\r"
                    .formatted(i, i % 7, random.nextLong())
                    .getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[random.nextInt(i % 10 == 0 ? 20_000 : 200)];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = bytes[at] == '\n' ? 0 : bytes[at];
            }
            records.add(bytes);
        }
        return new Lines("made", records);
    }

    private static List<byte[]> split(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, begin, at));
                begin = at + 1;
            }
        }
        if (begin < bytes.length) {
            lines.add(Arrays.copyOfRange(bytes, begin, bytes.length));
        }
        return lines;
    }

    @Override
    public String toString() {
        return name;
    }
}
