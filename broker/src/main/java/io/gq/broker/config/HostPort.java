package io.gq.broker.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A place to listen at or to connect to.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 0 to 65535; 0 only to listen at a port the system picks
 */
public record HostPort(String host, int port) {

    static final String EXPECTED = "host:port, IPv6 as [::1]:9092";

    public HostPort {
        if (host.isEmpty() || host.indexOf('[') >= 0 || host.indexOf(' ') >= 0 || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("address: " + host + ":" + port + " (expected: " + EXPECTED + ")");
        }
    }

    /** @throws IllegalArgumentException where the text is not host:port */
    public static HostPort parse(String text) {
        String t = text.trim();
        int colon = t.lastIndexOf(':');
        String host = colon < 0 ? "" : t.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]") && host.indexOf(':') > 0) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            host = ""; // an IPv6 address without brackets: where it ends is a guess
        }
        try {
            return new HostPort(host, Integer.parseInt(t.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("address: '" + text + "' (expected: " + EXPECTED + ")", e);
        }
    }

    /** True where it stands for every address of the machine, so that nobody can connect to it by this name. */
    public boolean wildcard() {
        try {
            return host.equals("*") || InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** True where only this machine can reach it. A name that does not resolve is not loopback. */
    public boolean loopback() {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    public HostPort withPort(int newPort) {
        return new HostPort(host, newPort);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
