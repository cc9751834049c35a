package io.gq.broker.grpc;

import io.gq.broker.security.Authenticator;
import io.gq.core.service.Principal;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each new connection its principal and budgets, and closes those above the limit. */
final class ConnectionTracker extends ServerTransportFilter {

    private static final Logger log = LoggerFactory.getLogger(ConnectionTracker.class);

    private final String listener;
    private final int connectionsMax;
    private final long produceBytesMax;
    private final long fetchBytesMax;
    private final Authenticator authenticator;
    private final FrontDoorMetrics metrics;
    private final AtomicInteger open = new AtomicInteger();

    ConnectionTracker(
            String listener,
            int connectionsMax,
            long produceBytesMax,
            long fetchBytesMax,
            Authenticator authenticator,
            FrontDoorMetrics metrics) {
        this.listener = listener;
        this.connectionsMax = connectionsMax;
        this.produceBytesMax = produceBytesMax;
        this.fetchBytesMax = fetchBytesMax;
        this.authenticator = authenticator;
        this.metrics = metrics;
    }

    int open() {
        return open.get();
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        String remote = remote(attributes);
        if (open.incrementAndGet() > connectionsMax) {
            open.decrementAndGet();
            metrics.connectionRefused();
            log.warn("connection refused listener={} remote={} connectionsMax={}", listener, remote, connectionsMax);
            // the transport answers an exception here by closing the connection
            throw Status.RESOURCE_EXHAUSTED
                    .withDescription("server.connections_max: " + connectionsMax)
                    .asRuntimeException();
        }
        metrics.connectionOpened();
        Principal principal = authenticator.principal(certificate(attributes));
        return attributes.toBuilder()
                .set(
                        Connection.ATTRIBUTE,
                        new Connection(
                                listener,
                                principal,
                                remote,
                                new ByteBudget(produceBytesMax),
                                new ByteBudget(fetchBytesMax)))
                .build();
    }

    @Override
    public void transportTerminated(Attributes attributes) {
        if (attributes != null && attributes.get(Connection.ATTRIBUTE) != null) {
            open.decrementAndGet();
            metrics.connectionClosed();
        }
    }

    private static String remote(Attributes attributes) {
        SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return address == null ? "?" : address.toString();
    }

    private static Optional<X509Certificate> certificate(Attributes attributes) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first
                    ? Optional.of(first)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // none was asked for or shown
        }
    }
}
