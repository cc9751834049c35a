package io.gq.controller.topic;

import io.gq.core.ByteSize;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values a setting takes: how they are written, and which are allowed. */
sealed interface SettingValues {

    /**
     * The one spelling of the value that is stored.
     *
     * @throws IllegalArgumentException where the text is not an allowed value
     */
    String canonical(String text);

    /** What is allowed, for messages and documentation. */
    String expected();

    /** ms, bytes or empty. */
    String unit();

    /** A whole number of milliseconds, or of days (7d), hours, minutes or seconds; -1 stands for "no limit" where allowed. */
    record Millis(long min, long max, boolean unlimited) implements SettingValues {

        private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|h|d)?");
        private static final Map<String, Long> UNITS =
                Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

        @Override
        public String canonical(String text) {
            if (unlimited && text.trim().equals("-1")) {
                return "-1";
            }
            Matcher form = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
            if (!form.matches()) {
                throw new IllegalArgumentException(text);
            }
            long unit = form.group(2) == null ? 1 : UNITS.getOrDefault(form.group(2), 1L);
            try {
                return Numbers.within(min, max, Math.multiplyExact(Long.parseLong(form.group(1)), unit));
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(text, e);
            }
        }

        @Override
        public String expected() {
            return (unlimited ? "-1 or " : "") + min + " to " + max + " ms, or with a unit ms, s, m, h or d";
        }

        @Override
        public String unit() {
            return "ms";
        }
    }

    /** A whole number of bytes, or of KB, MB, GB or TB; -1 stands for "no limit" where allowed. */
    record Bytes(long min, long max, boolean unlimited) implements SettingValues {

        @Override
        public String canonical(String text) {
            return unlimited && text.trim().equals("-1")
                    ? "-1"
                    : Numbers.within(min, max, ByteSize.parse(text).bytes());
        }

        @Override
        public String expected() {
            return (unlimited ? "-1 or " : "") + min + " to " + max + " bytes, or with a unit KB, MB, GB or TB";
        }

        @Override
        public String unit() {
            return "bytes";
        }
    }

    /** One of a few words. */
    record OneOf(List<String> words) implements SettingValues {

        @Override
        public String canonical(String text) {
            String word = text.trim().toLowerCase(Locale.ROOT);
            if (!words.contains(word)) {
                throw new IllegalArgumentException(text);
            }
            return word;
        }

        @Override
        public String expected() {
            return words.size() == 1 ? words.get(0) + ", the only value so far" : "one of " + String.join(", ", words);
        }

        @Override
        public String unit() {
            return "";
        }
    }

    /** Shared by the numbers. */
    final class Numbers {
        private Numbers() {}

        static String within(long min, long max, long value) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(Long.toString(value));
            }
            return Long.toString(value);
        }
    }
}
