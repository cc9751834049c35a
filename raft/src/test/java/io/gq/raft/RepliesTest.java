package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.junit.jupiter.api.Test;

final class RepliesTest {

    private static final RaftGroupMemberId MEMBER =
            RaftGroupMemberId.valueOf(RaftPeerId.valueOf("1-a"), RaftGroupId.emptyGroupId());

    private static final Map<Exception, ErrorCode> CODES = Map.ofEntries(
            Map.entry(new NotLeaderException(MEMBER, null, List.of()), ErrorCode.NOT_LEADER),
            Map.entry(new LeaderNotReadyException(MEMBER), ErrorCode.NOT_READY),
            Map.entry(new LeaderSteppingDownException("x"), ErrorCode.LEADER_NOT_AVAILABLE),
            Map.entry(new TransferLeadershipException("x"), ErrorCode.LEADER_NOT_AVAILABLE),
            Map.entry(new ResourceUnavailableException("x"), ErrorCode.THROTTLED),
            Map.entry(new StateMachineException("x"), ErrorCode.NOT_READY),
            Map.entry(new ServerNotReadyException("x"), ErrorCode.NOT_READY),
            Map.entry(new AlreadyClosedException("x"), ErrorCode.NOT_READY),
            Map.entry(new GroupMismatchException("x"), ErrorCode.NOT_READY),
            Map.entry(new ReconfigurationInProgressException("x"), ErrorCode.NOT_READY),
            Map.entry(new IOException("x"), ErrorCode.INTERNAL));

    @Test
    void shouldKnowEachExceptionOfRatis() {
        CODES.forEach((cause, code) -> {
            assertThat(Replies.exception(cause).code()).as("%s", cause).isEqualTo(code);
            assertThatThrownBy(() -> Replies.check(null, new CompletionException(cause)))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(code);
        });
        BrokerException own = new BrokerException(ErrorCode.DISK_FULL, "x");
        assertThat(Replies.exception(own)).isSameAs(own);
        assertThat(Replies.exception(null).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void shouldNotPromiseAnythingWhenTheEntryHadEnteredTheLog() {
        CODES.keySet().forEach(cause -> {
            Proposal proposal = new Proposal(ToyMachine.bytes("x"), null, closed -> {});
            assertThatThrownBy(() -> Replies.outcome(proposal, null, cause))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(CODES.get(cause));
            proposal.enterLog();
            assertThatThrownBy(() -> Replies.outcome(proposal, null, cause))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
        });
    }
}
