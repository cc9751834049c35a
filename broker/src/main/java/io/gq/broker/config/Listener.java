package io.gq.broker.config;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place where the node takes connections. {@code raft}, {@code controller} and {@code http} serve what their name says; every
 * other name is a gRPC listener.
 *
 * @param bind where to listen
 * @param advertised what others are told to connect to; its port is the one bound where that was picked by the system
 * @param tls present exactly where the protocol is TLS
 * @param insecure allows this listener to be reachable from other machines in plaintext
 */
public record Listener(
        String name,
        HostPort bind,
        HostPort advertised,
        Protocol protocol,
        Optional<ListenerTls> tls,
        boolean insecure) {

    public static final String RAFT = "raft";
    public static final String CONTROLLER = "controller";
    public static final String HTTP = "http";
    public static final String GRPC = "grpc";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");

    /** What is spoken below the application's own protocol. */
    public enum Protocol {
        PLAINTEXT,
        TLS
    }

    public Listener {
        new Checks("listeners." + name + ".")
                .that(NAME.matcher(name).matches(), "name", name, "1 to 32 of [a-z0-9_], a letter first")
                .that(
                        !advertised.wildcard(),
                        "advertised",
                        advertised,
                        "an address others can connect to, because bind is a wildcard")
                .that(
                        (protocol == Protocol.TLS) == tls.isPresent(),
                        "protocol",
                        protocol,
                        "tls with tls.cert_file and tls.key_file, or plaintext without them")
                .that(
                        !name.equals(HTTP) || protocol == Protocol.PLAINTEXT,
                        "protocol",
                        protocol,
                        "plaintext: metrics and health are not served over tls; insecure: true of this listener lets"
                                + " other machines read them")
                .done();
    }

    public boolean grpc() {
        return !raft() && !name.equals(HTTP);
    }

    /** True where the members of Raft groups talk to each other, and nobody else to them. */
    public boolean raft() {
        return name.equals(RAFT) || name.equals(CONTROLLER);
    }
}
