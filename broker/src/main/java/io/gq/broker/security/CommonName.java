package io.gq.broker.security;

import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * The common name of a certificate's subject. Reads the RFC 2253 form by itself: the JDK's own parser is part of its naming library,
 * which stays out of the broker.
 */
final class CommonName {

    private CommonName() {}

    /** Empty where there is none, where there are several, or where it holds bytes that are no text. */
    static Optional<String> of(X500Principal subject) {
        String name = subject.getName(X500Principal.RFC2253);
        Optional<String> found = Optional.empty();
        int at = 0;
        while (at < name.length()) {
            int equals = name.indexOf('=', at);
            int end = endOfValue(name, equals + 1);
            if (name.substring(at, equals).equalsIgnoreCase("CN")) {
                if (found.isPresent()) {
                    return Optional.empty();
                }
                found = unescaped(name.substring(equals + 1, end));
                if (found.isEmpty()) {
                    return Optional.empty();
                }
            }
            at = end + 1;
        }
        return found;
    }

    /** Position of the comma or plus that ends the value, or of the end. */
    private static int endOfValue(String name, int from) {
        for (int i = from; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == ',' || c == '+') {
                return i;
            }
        }
        return name.length();
    }

    private static Optional<String> unescaped(String value) {
        if (value.isEmpty() || value.charAt(0) == '#') {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                c = value.charAt(++i);
                if (Character.digit(c, 16) >= 0) {
                    return Optional.empty();
                }
            }
            text.append(c);
        }
        return Optional.of(text.toString());
    }
}
