package io.gq.broker.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Certificates of one listener, all PEM files.
 *
 * @param caFile who may sign the other side's certificate; where it is absent the machine's own trust store decides
 */
public record ListenerTls(Path certFile, Path keyFile, Optional<Path> caFile, ClientAuth clientAuth) {

    /** Whether the caller has to show a certificate. */
    public enum ClientAuth {
        NONE,
        OPTIONAL,
        REQUIRED
    }
}
