package io.gq.client;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a client and its brokers prove themselves to each other. PEM files, read when the client is built.
 *
 * @param caFile who signs the brokers' certificates; empty: the machine's own trust store decides
 * @param certFile what the client shows of itself; needed where brokers ask for it, and present exactly where {@code keyFile} is
 * @param keyFile the private key of {@code certFile}, PKCS#8
 */
public record ClientTls(Optional<Path> caFile, Optional<Path> certFile, Optional<Path> keyFile) {

    public ClientTls {
        if (certFile.isPresent() != keyFile.isPresent()) {
            throw new IllegalArgumentException("tls: certificate " + named(certFile) + ", key " + named(keyFile)
                    + " (expected: both or none of them)");
        }
    }

    /** Trusts the machine's own store and shows no certificate. */
    public static ClientTls ofMachine() {
        return new ClientTls(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Trusts brokers whose certificates these authorities signed, and shows no certificate. */
    public static ClientTls trusting(Path caFile) {
        return new ClientTls(Optional.of(caFile), Optional.empty(), Optional.empty());
    }

    /** The same, showing a certificate. */
    public ClientTls showing(Path newCertFile, Path newKeyFile) {
        return new ClientTls(caFile, Optional.of(newCertFile), Optional.of(newKeyFile));
    }

    private static String named(Optional<Path> file) {
        return file.map(Path::toString).orElse("none");
    }
}
