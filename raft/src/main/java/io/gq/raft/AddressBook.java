package io.gq.raft;

import io.gq.core.NodeId;
import io.gq.raft.transport.PeerTransport;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Where the Raft servers of the cluster's nodes listen now. Safe for use by many threads. */
public final class AddressBook {

    private record Key(RaftHostKind kind, NodeId node) {}

    private final Map<Key, InetSocketAddress> addresses = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Enters or replaces an address; connections to the old one are replaced by and by. */
    public void put(RaftHostKind kind, NodeId node, String host, int port) {
        InetSocketAddress address = InetSocketAddress.createUnresolved(host, port);
        InetSocketAddress before = addresses.put(new Key(kind, node), address);
        if (!address.equals(before)) {
            listeners.forEach(Runnable::run);
        }
    }

    /** The address of a node's server, its host name not yet resolved; empty where none was entered. */
    public Optional<InetSocketAddress> find(RaftHostKind kind, NodeId node) {
        return Optional.ofNullable(addresses.get(new Key(kind, node)));
    }

    /** The servers of one kind, as their transport looks them up. */
    PeerTransport.Addresses of(RaftHostKind kind) {
        return new PeerTransport.Addresses() {
            @Override
            public Optional<InetSocketAddress> find(NodeId node) {
                return AddressBook.this.find(kind, node);
            }

            @Override
            public void listen(Runnable changed) {
                listeners.add(changed);
            }

            @Override
            public void unlisten(Runnable changed) {
                listeners.remove(changed);
            }
        };
    }
}
