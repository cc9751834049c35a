package io.gq.client.internal;

import io.gq.client.ClientTls;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import javax.net.ssl.SSLException;

/** Certificates of a client in the form gRPC takes. */
final class TlsContext {

    private TlsContext() {}

    /** @throws GqException INVALID_CONFIG where the files do not hold what they should */
    static SslContext of(ClientTls tls) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient();
            tls.caFile().ifPresent(ca -> builder.trustManager(ca.toFile()));
            tls.certFile()
                    .ifPresent(cert -> builder.keyManager(
                            cert.toFile(), tls.keyFile().orElseThrow().toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new GqException(
                    ErrorCode.INVALID_CONFIG, "tls: " + tls + " (expected: PEM files that fit together): " + e, e);
        }
    }
}
