package io.gq.raft;

import io.gq.core.PeerId;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which Raft server this is and where it lives.
 *
 * @param directory belongs to this server alone; made where it is missing
 * @param bindHost host name or IP address to listen on
 * @param bindPort 0 takes a free port
 * @param tls the same for all servers of a kind; empty: they talk in plaintext, to anyone
 */
public record RaftNode(
        RaftHostKind kind, PeerId self, Path directory, String bindHost, int bindPort, Optional<RaftTls> tls) {

    public RaftNode {
        if (bindPort < 0 || bindPort > 65535) {
            throw new IllegalArgumentException("bindPort: " + bindPort + " (expected: 0 to 65535)");
        }
    }

    /** A server that talks in plaintext. */
    public RaftNode(RaftHostKind kind, PeerId self, Path directory, String bindHost, int bindPort) {
        this(kind, self, directory, bindHost, bindPort, Optional.empty());
    }
}
