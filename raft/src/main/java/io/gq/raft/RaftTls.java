package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.raft.transport.PeerTls;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How the servers of a cluster prove themselves to each other: both sides of a connection show a certificate. PEM files, read once, when
 * the server starts.
 *
 * @param certFile this server's certificate, good for servers and for clients, with its intermediate ones
 * @param keyFile its private key, PKCS#8
 * @param caFile who signs the certificates of the cluster's servers
 * @param member whether the holder of a certificate, signed by one of these, is a server of the cluster. Asked on both sides, in place of
 *     comparing host names: Raft knows its members by node id, wherever they listen
 */
public record RaftTls(Path certFile, Path keyFile, Path caFile, Predicate<X509Certificate> member) {

    /** @throws BrokerException INVALID_CONFIG where the files do not hold what they should */
    PeerTls contexts() {
        try {
            MemberTrust trust = MemberTrust.of(authorities(), member);
            SslContext server = SslContextBuilder.forServer(certFile.toFile(), keyFile.toFile())
                    .trustManager(trust)
                    .clientAuth(ClientAuth.REQUIRE)
                    .build();
            SslContext client = SslContextBuilder.forClient()
                    .keyManager(certFile.toFile(), keyFile.toFile())
                    .trustManager(trust)
                    .endpointIdentificationAlgorithm(null) // members are known by their names in the certificate
                    .build();
            return new PeerTls(Optional.of(client), Optional.of(server));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    private List<X509Certificate> authorities() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(caFile)) {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException(caFile + ": no certificate");
            }
            return found;
        }
    }

    private BrokerException unusable(Exception cause) {
        return new BrokerException(
                ErrorCode.INVALID_CONFIG,
                "tls of raft: " + certFile + ", " + keyFile + ", " + caFile
                        + " (expected: PEM files of a certificate, its private key and its authority): " + cause,
                cause);
    }
}
