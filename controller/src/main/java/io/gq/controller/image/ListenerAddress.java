package io.gq.controller.image;

/**
 * Where a listener of a broker is reached.
 *
 * @param host a host name or an address (IPv6 without brackets)
 * @param port TCP, 1 to 65535
 */
public record ListenerAddress(String host, int port) {

    private static final int HOST_LENGTH_MAX = 255;

    public ListenerAddress {
        if (host.isBlank() || host.length() > HOST_LENGTH_MAX) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: a host name or address of at most "
                    + HOST_LENGTH_MAX + " characters)");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
