package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.replication.StateMachine;
import java.io.IOException;
import java.nio.file.Path;

/** Makes the machines of a host's groups and disposes of their files. */
public interface StateMachineFactory {

    /** Makes a machine that is not open yet. May be called again for the same group after the last machine was closed. */
    StateMachine create(GroupId group) throws IOException;

    /** Deletes the machine's own files; the machine is closed. Harmless when repeated. */
    void delete(GroupId group) throws IOException;

    /** Moves the machine's own files into the directory, for a person to look at; the machine is closed. Harmless when repeated. */
    void setAside(GroupId group, Path directory) throws IOException;
}
