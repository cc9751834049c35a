package io.gq.broker.config;

import io.gq.core.ByteSize;
import java.time.Duration;

/**
 * The broker's own log. It goes to standard output, or to the file {@code broker.log} below {@code log_dir} where that is set.
 *
 * @param fileBytesMax the file is closed and the next one begun at this size
 * @param filesMax about so many full files are kept; the oldest go first
 * @param ageMax closed files older than this are deleted; whole days
 * @param compress closed files are gzipped
 */
public record LoggingConfig(
        Level level, Format format, ByteSize fileBytesMax, int filesMax, Duration ageMax, boolean compress) {

    /** The least severe lines that are written. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** One line of text, or one JSON object a line. */
    public enum Format {
        TEXT,
        JSON
    }

    public LoggingConfig {
        new Checks("logging.")
                .range("file_bytes_max", fileBytesMax, "64KB", "10GB")
                .range("files_max", filesMax, 1, 10_000)
                .range("age_max", ageMax, "1d", "3650d")
                .done();
    }
}
