package io.gq.raft;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.replication.Outcome;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.jspecify.annotations.Nullable;

/** Turns Ratis' replies into ours. The one table of its exceptions. */
final class Replies {

    private Replies() {}

    /** The outcome of a proposal; throws a {@link BrokerException} where there is none. */
    static Outcome outcome(Proposal proposal, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
        if (failure == null && reply != null && reply.isSuccess()) {
            if (reply.getMessage() instanceof OutcomeMessage message) {
                return message.outcome();
            }
            throw new BrokerException(ErrorCode.OUTCOME_UNKNOWN, "reply: none (expected: an outcome)");
        }
        Throwable cause = failure != null ? unwrap(failure) : reply == null ? null : reply.getException();
        if (proposal.enteredLog()) {
            // Even a NotLeaderException comes for entries that stay in the log and may yet be committed by the next
            // leader.
            throw new BrokerException(ErrorCode.OUTCOME_UNKNOWN, "appended, then: " + text(cause), cause);
        }
        throw exception(cause);
    }

    /** Checks the reply to anything but a proposal. */
    static void check(@Nullable RaftClientReply reply, @Nullable Throwable failure) {
        if (failure != null) {
            throw exception(unwrap(failure));
        }
        if (reply == null || !reply.isSuccess()) {
            throw exception(reply == null ? null : reply.getException());
        }
    }

    static BrokerException exception(@Nullable Throwable cause) {
        return cause instanceof BrokerException own ? own : new BrokerException(code(cause), text(cause), cause);
    }

    private static ErrorCode code(@Nullable Throwable cause) {
        if (cause instanceof NotLeaderException) {
            return ErrorCode.NOT_LEADER;
        }
        if (cause instanceof LeaderSteppingDownException || cause instanceof TransferLeadershipException) {
            return ErrorCode.LEADER_NOT_AVAILABLE;
        }
        if (cause instanceof ResourceUnavailableException) {
            return ErrorCode.THROTTLED;
        }
        if (cause instanceof LeaderNotReadyException
                || cause instanceof IllegalStateException
                || cause instanceof StateMachineException
                || cause instanceof ServerNotReadyException
                || cause instanceof AlreadyClosedException
                || cause instanceof GroupMismatchException
                || cause instanceof ReconfigurationInProgressException
                || cause instanceof ReconfigurationTimeoutException
                || cause instanceof SetConfigurationException) {
            return ErrorCode.NOT_READY;
        }
        return ErrorCode.INTERNAL;
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? unwrap(cause) : failure;
    }

    private static String text(@Nullable Throwable cause) {
        return cause == null ? "no reply" : cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
