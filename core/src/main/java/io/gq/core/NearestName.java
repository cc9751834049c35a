package io.gq.core;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what a person probably meant: the known name nearest to a mistyped one. */
public final class NearestName {

    private NearestName() {}

    /**
     * The known name with the fewest single-character insertions, deletions and replacements between it and the given one; the
     * alphabetically first of several. Upper and lower case, and dash and underscore, count as equal.
     *
     * @return empty only where no name is known
     */
    public static Optional<String> of(String given, Collection<String> known) {
        String wanted = fold(given);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : new TreeSet<>(known)) {
            int distance = distance(wanted, fold(name));
            if (distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    private static String fold(String name) {
        // a name is short; what is longer cannot come near and must not cost quadratic time
        String bounded = name.length() <= 128 ? name : name.substring(0, 128);
        return bounded.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Levenshtein's distance, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
