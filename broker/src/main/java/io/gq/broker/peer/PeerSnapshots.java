package io.gq.broker.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.CopySnapshotRequest;
import io.grpc.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Supplier;

/** Fetches snapshots of groups from the brokers that hold them. Safe for use by many threads. */
public final class PeerSnapshots {

    private final Supplier<String> clusterId;
    private final PeerClients clients;
    private final Duration timeout;

    /** @param timeout for the whole copy; a copy cut short is taken up again where it stopped */
    public PeerSnapshots(Supplier<String> clusterId, PeerClients clients, Duration timeout) {
        this.clusterId = clusterId;
        this.clients = clients;
        this.timeout = timeout;
    }

    /**
     * Opens a snapshot of the group's replica on another broker. Waits for the first frame; the caller closes it.
     *
     * @param held what the asking replica holds already
     */
    public SnapshotReader fetch(GroupId group, PeerId from, ByteBuffer held) throws IOException {
        CopySnapshotRequest request = CopySnapshotRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setGroupId(group.toString())
                .setHave(UnsafeByteOperations.unsafeWrap(held))
                .build();
        Context.CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            return RemoteSnapshot.open(
                    context, clients.blocking(from.node(), timeout.toMillis()).copySnapshot(request));
        } catch (BrokerException e) {
            context.cancel(e);
            throw new IOException(e.toString(), e);
        } finally {
            context.detach(before);
        }
    }
}
