package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.replication.SnapshotReader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Brings a snapshot of a group from a peer. */
@FunctionalInterface
public interface SnapshotFetcher {

    /**
     * Asks the group's leader for a snapshot. May block; called from a background thread.
     *
     * @param held what this replica holds already, see {@link io.gq.core.replication.StateMachine#held}
     * @return the snapshot; closed by the caller, also from another thread to break off a copy
     */
    SnapshotReader fetch(GroupId group, PeerId leader, ByteBuffer held) throws IOException;
}
