package io.gq.core;

import java.util.regex.Pattern;

/** The rule for topic names: 1 to 249 letters, digits, dots, underscores and dashes; not "." or "..". */
public final class TopicName {

    private static final int LENGTH_MAX = 249;
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");

    private TopicName() {}

    /**
     * Returns the name unchanged.
     *
     * @throws BrokerException with {@link ErrorCode#INVALID_TOPIC} where the name breaks the rule
     */
    public static String check(String name) {
        if (name.isEmpty()
                || name.length() > LENGTH_MAX
                || name.equals(".")
                || name.equals("..")
                || !LEGAL.matcher(name).matches()) {
            throw new BrokerException(
                    ErrorCode.INVALID_TOPIC,
                    "topic name: '" + abbreviate(name) + "' (expected: 1 to " + LENGTH_MAX
                            + " characters of [a-zA-Z0-9._-], not '.' or '..')");
        }
        return name;
    }

    private static String abbreviate(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "...";
    }
}
