package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.PayloadExtent;
import java.io.IOException;

/** Finds out how far the payload of a group that is not open bears its log out. */
public interface PayloadExamination {

    /**
     * Changes nothing; may read much.
     *
     * @throws DamagedReplicaException where what was durable is not there
     */
    PayloadExtent examine(GroupId group, LogTail tail) throws IOException, DamagedReplicaException;
}
