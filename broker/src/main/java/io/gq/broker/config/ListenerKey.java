package io.gq.broker.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The key of one field of one listener: {@code listeners.<name>.<field>}. */
record ListenerKey(String listener, String field) {

    static final List<String> FIELDS = List.of(
            "bind",
            "advertised",
            "protocol",
            "insecure",
            "tls.cert_file",
            "tls.key_file",
            "tls.ca_file",
            "tls.client_auth");

    private static final Pattern FORM = Pattern.compile("listeners\\.([a-z][a-z0-9_]*)\\.([a-z_.]+)");

    /** Empty where the key is not one of a listener's known fields. */
    static Optional<ListenerKey> parse(String key) {
        Matcher m = FORM.matcher(key);
        return m.matches() && FIELDS.contains(m.group(2))
                ? Optional.of(new ListenerKey(m.group(1), m.group(2)))
                : Optional.empty();
    }

    /** From an environment variable's name without its {@code GQ_}, e.g. {@code LISTENERS_GRPC_TLS_CERT_FILE}. */
    static Optional<ListenerKey> parseEnvironment(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("listeners_")) {
            return Optional.empty();
        }
        for (String field : FIELDS) {
            String suffix = "_" + field.replace('.', '_');
            if (lower.endsWith(suffix) && lower.length() > "listeners_".length() + suffix.length()) {
                String listener = lower.substring("listeners_".length(), lower.length() - suffix.length());
                return parse("listeners." + listener + "." + field);
            }
        }
        return Optional.empty();
    }

    String key() {
        return "listeners." + listener + "." + field;
    }
}
