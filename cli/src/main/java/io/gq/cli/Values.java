package io.gq.cli;

import io.gq.core.ByteSize;
import io.gq.core.record.Compression;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** How option values are written. */
final class Values {

    private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h|d)");

    private Values() {}

    static void register(CommandLine command) {
        command.registerConverter(Duration.class, Values::duration)
                .registerConverter(ByteSize.class, Values::byteSize)
                .registerConverter(Compression.class, Values::compression)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}, {@code 7d}. */
    static Duration duration(String text) {
        Matcher m = DURATION.matcher(text);
        if (!m.matches()) {
            throw new TypeConversionException("'" + text + "' (expected: a number with a unit ms, s, m, h or d)");
        }
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    /**
     * Milliseconds since 1970, a date, a date and time (local where no zone is given), or a duration with a minus sign: so long ago.
     */
    static long time(String text, long nowMs) {
        if (text.matches("\\d+")) {
            return Long.parseLong(text);
        }
        if (text.startsWith("-")) {
            return nowMs - duration(text.substring(1)).toMillis();
        }
        ZoneId zone = ZoneId.systemDefault();
        List<Function<String, Instant>> forms = List.of(
                t -> OffsetDateTime.parse(t).toInstant(),
                t -> LocalDateTime.parse(t).atZone(zone).toInstant(),
                t -> LocalDate.parse(t).atStartOfDay(zone).toInstant());
        for (Function<String, Instant> form : forms) {
            try {
                return form.apply(text.replace(' ', 'T')).toEpochMilli();
            } catch (DateTimeParseException e) {
                // the next form
            }
        }
        throw new TypeConversionException("'" + text
                + "' (expected: 2026-01-31, 2026-01-31T12:00, 2026-01-31T12:00:00Z, milliseconds since 1970, or -10m)");
    }

    private static ByteSize byteSize(String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static Compression compression(String text) {
        return Compression.named(text)
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text.toLowerCase(Locale.ROOT) + "' (expected: none, gzip, snappy, lz4 or zstd)"));
    }
}
