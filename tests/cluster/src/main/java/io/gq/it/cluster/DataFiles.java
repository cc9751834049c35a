package io.gq.it.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Looks at and damages the files of a data directory. */
public final class DataFiles {

    private DataFiles() {}

    /** Every file below; those that a running broker deletes meanwhile are left out. */
    public static List<Path> all(Path dir) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(dir, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Collections.sort(files);
        return files;
    }

    /** Files of a Raft group: those with the group's id in their path. */
    public static List<Path> ofGroup(Path dir, String groupId) {
        return all(dir).stream()
                .filter(file -> file.toString().contains(groupId))
                .toList();
    }

    /** Segment files of a partition, the oldest first. */
    public static List<Path> segments(Path dir, String groupId) {
        return ofGroup(dir, groupId).stream()
                .filter(file -> file.getFileName().toString().matches("\\d{20}\\.\\d+\\.log"))
                .toList();
    }

    /** How often the text occurs in all files together. */
    public static int occurrences(Path dir, String text) {
        return all(dir).stream()
                .mapToInt(file -> occurrences(read(file), text.getBytes(StandardCharsets.UTF_8)))
                .sum();
    }

    static int occurrences(byte[] bytes, byte[] wanted) {
        int found = 0;
        for (int at = indexOf(bytes, wanted, 0); at >= 0; at = indexOf(bytes, wanted, at + 1)) {
            found++;
        }
        return found;
    }

    /** First place at or after {@code from}, -1 where there is none. */
    public static int indexOf(byte[] bytes, byte[] wanted, int from) {
        outer:
        for (int at = from; at <= bytes.length - wanted.length; at++) {
            for (int i = 0; i < wanted.length; i++) {
                if (bytes[at + i] != wanted[i]) {
                    continue outer;
                }
            }
            return at;
        }
        return -1;
    }

    /** Empty where a running broker has deleted the file meanwhile. */
    public static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flips all bits of one byte. */
    public static void flip(Path file, long position) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            int value = open.read();
            if (value < 0) {
                throw new IllegalArgumentException("position: " + position + " (expected: < " + open.length() + ")");
            }
            open.seek(position);
            open.write(~value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites with what a torn write leaves. */
    public static void overwrite(Path file, long position, byte[] bytes) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            open.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void deleteTree(Path dir) {
        if (!Files.exists(dir)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(dir)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void copyTree(Path from, Path to) {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
