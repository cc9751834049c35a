package io.gq.broker.security;

import io.gq.core.service.Principal;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;

/** Says who stands at the other end of a connection. Knows verified certificates; everybody else is anonymous. */
public final class Authenticator {

    /** Type of a principal that is a broker of the cluster. */
    public static final String BROKER = "broker";

    private static final String USER = "user";

    private final Set<String> peerIdentities;

    /** @param peerIdentities common names of the brokers' certificates */
    public Authenticator(Set<String> peerIdentities) {
        this.peerIdentities = Set.copyOf(peerIdentities);
    }

    /** @param certificate of the caller, verified by the transport; empty where none was shown */
    public Principal principal(Optional<X509Certificate> certificate) {
        return certificate
                .flatMap(c -> CommonName.of(c.getSubjectX500Principal()))
                .map(name -> new Principal(peerIdentities.contains(name) ? BROKER : USER, name))
                .orElse(Principal.ANONYMOUS);
    }
}
