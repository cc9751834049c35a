package io.gq.core;

import java.util.Optional;

/** The replica asked does not lead; says who does, where that is known. */
public final class NotLeaderException extends BrokerException {

    private static final long serialVersionUID = 1L;

    private final transient Optional<NodeId> leader;
    private final long term;

    /** @param term the leader's term; 0 where it is not known */
    public NotLeaderException(String message, Optional<NodeId> leader, long term) {
        super(leader.isPresent() ? ErrorCode.NOT_LEADER : ErrorCode.LEADER_NOT_AVAILABLE, message);
        this.leader = leader;
        this.term = term;
    }

    public Optional<NodeId> leader() {
        return leader;
    }

    public long term() {
        return term;
    }
}
