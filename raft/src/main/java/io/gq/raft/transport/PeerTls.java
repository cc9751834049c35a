package io.gq.raft.transport;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/**
 * How connections are made safe; without contexts they are plain.
 *
 * @param server demands a certificate of who connects
 */
public record PeerTls(Optional<SslContext> client, Optional<SslContext> server) {

    /** Plaintext. */
    public static final PeerTls NONE = new PeerTls(Optional.empty(), Optional.empty());

    void addClient(Channel channel) {
        client.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
    }

    void addServer(Channel channel) {
        server.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
    }
}
