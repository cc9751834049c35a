package io.gq.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a broker listens for clients: a host name or address (IPv6 without brackets) and a TCP port.
 */
public record BrokerAddress(String host, int port) {

    public BrokerAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: '' (expected: a host name or an address)");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /**
     * Reads {@code host:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException where the text has another form
     */
    public static BrokerAddress parse(String text) {
        String trimmed = text.trim();
        int colon = trimmed.lastIndexOf(':');
        String host = colon < 0 ? "" : trimmed.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw malformed(text);
        }
        try {
            return new BrokerAddress(host, Integer.parseInt(trimmed.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw malformed(text);
        }
    }

    /** Reads a list separated by commas; empty items are skipped. */
    public static List<BrokerAddress> parseList(String text) {
        List<BrokerAddress> addresses = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            if (!item.isBlank()) {
                addresses.add(parse(item));
            }
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("bootstrap: '" + text + "' (expected: host:port,host:port,...)");
        }
        return List.copyOf(addresses);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "broker address: '" + text + "' (expected: host:port or [ipv6]:port, port 1 to 65535)");
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
