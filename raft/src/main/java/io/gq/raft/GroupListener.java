package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.replication.Leadership;

/** Hears what happens to the groups of a host. Called from background threads, one at a time for each group. */
public interface GroupListener {

    GroupListener NONE = new GroupListener() {};

    /** The group's leader or this replica's readiness changed. What is given may already be outdated by the next call. */
    default void leadershipChanged(GroupId group, Leadership leadership) {}

    /** Stored bytes fail their checksum. The group goes on with what is whole, until it is condemned or found damaged. */
    default void damaged(GroupId group, String what) {}

    /** The group stopped here and is closed. */
    default void failed(GroupId group, GroupFailure failure) {}
}
