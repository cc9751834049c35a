package io.gq.broker.grpc;

import io.gq.broker.config.ListenerTls;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import javax.net.ssl.SSLException;

/** Certificates of a listener in the form gRPC takes: for its server, and for calls from broker to broker. */
public final class TlsContexts {

    private TlsContexts() {}

    /** @throws BrokerException INVALID_CONFIG where the files do not hold what they should */
    public static SslContext server(String listener, ListenerTls tls) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forServer(
                            tls.certFile().toFile(), tls.keyFile().toFile())
                    .clientAuth(
                            switch (tls.clientAuth()) {
                                case NONE -> ClientAuth.NONE;
                                case OPTIONAL -> ClientAuth.OPTIONAL;
                                case REQUIRED -> ClientAuth.REQUIRE;
                            });
            tls.caFile().ifPresent(ca -> builder.trustManager(ca.toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw unusable(listener, tls, e);
        }
    }

    /** For calls to another broker: shows this node's certificate. */
    public static SslContext client(String listener, ListenerTls tls) {
        try {
            SslContextBuilder builder = GrpcSslContexts.forClient()
                    .keyManager(tls.certFile().toFile(), tls.keyFile().toFile());
            tls.caFile().ifPresent(ca -> builder.trustManager(ca.toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw unusable(listener, tls, e);
        }
    }

    private static BrokerException unusable(String listener, ListenerTls tls, Exception cause) {
        return new BrokerException(
                ErrorCode.INVALID_CONFIG,
                "listeners." + listener + ".tls: " + tls + " (expected: PEM files that fit together): " + cause,
                cause);
    }
}
