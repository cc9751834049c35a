package io.gq.partition.log;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity of a segment: no two segments a log ever had share a generation.
 *
 * @param baseOffset the offset its first entry begins at
 */
public record SegmentName(long baseOffset, int generation) implements Comparable<SegmentName> {

    static final String LOG_SUFFIX = ".log";
    static final String INDEX_SUFFIX = ".index";

    private static final Pattern FILE = Pattern.compile("(\\d{20})\\.(\\d+)\\.(?:log|index)");
    private static final Comparator<SegmentName> ORDER =
            Comparator.comparingLong(SegmentName::baseOffset).thenComparingInt(SegmentName::generation);

    /** The segment a file belongs to, if it is a segment's file. */
    static Optional<SegmentName> ofFile(Path file) {
        Matcher m = FILE.matcher(file.getFileName().toString());
        if (!m.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SegmentName(Long.parseLong(m.group(1)), Integer.parseInt(m.group(2))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    Path logFile(Path directory) {
        return directory.resolve(this + LOG_SUFFIX);
    }

    Path indexFile(Path directory) {
        return directory.resolve(this + INDEX_SUFFIX);
    }

    @Override
    public int compareTo(SegmentName other) {
        return ORDER.compare(this, other);
    }

    /** The files' name without its suffix. */
    @Override
    public String toString() {
        return String.format("%020d.%d", baseOffset, generation);
    }
}
