package io.gq.broker.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.broker.grpc.ErrorMapping;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.NotLeaderException;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.ReplicatedGroup;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.ControllerProposal;
import io.gq.proto.v1.ControllerProposalResult;
import io.gq.proto.v1.ControllerReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Proposes changes of cluster metadata from any broker: here where this node leads the controller group, else at the node that
 * does. Retries inside the caller's deadline, so a command may be applied twice; every command is refused or harmless the second
 * time. Safe for use by many threads.
 */
public final class ControllerClient {

    private static final Duration RETRY_DELAY = Duration.ofMillis(50);
    private static final long NANOS_PER_MS = 1_000_000;

    private final NodeId self;
    private final Supplier<Optional<? extends ReplicatedGroup>> local;
    private final List<NodeId> candidates;
    private final PeerClients clients;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final AtomicInteger rotation = new AtomicInteger();

    /**
     * @param local this node's replica of the controller group, once it is open
     * @param candidates the configured controllers, asked in turn while no leader is known
     */
    public ControllerClient(
            NodeId self,
            Supplier<Optional<? extends ReplicatedGroup>> local,
            List<NodeId> candidates,
            PeerClients clients,
            Scheduler scheduler,
            LongSupplier nanoClock) {
        this.self = self;
        this.local = local;
        this.candidates = List.copyOf(candidates);
        this.clients = clients;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
    }

    /**
     * Proposes a command and waits until it is applied.
     *
     * @return the reply of an accepted command; exceptionally a {@link BrokerException} with the refusal, or with NO_QUORUM or the
     *     last trouble when the timeout passes
     */
    public CompletableFuture<ControllerReply> propose(ControllerCommand command, Duration timeout) {
        CompletableFuture<ControllerReply> done = new CompletableFuture<>();
        attempt(command, nanoClock.getAsLong() + timeout.toNanos(), Optional.empty(), done);
        return done;
    }

    /** Proposes here; for the peer endpoint. Exceptionally NOT_LEADER where another node leads. */
    public CompletableFuture<ControllerReply> proposeHere(ControllerCommand command) {
        Optional<? extends ReplicatedGroup> group = local.get();
        if (group.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new NotLeaderException("controller: not open on node " + self, Optional.empty(), 0));
        }
        Leadership leadership = group.get().leadership();
        if (leadership.role() != Leadership.Role.LEADER || !leadership.ready()) {
            Optional<NodeId> leader = leadership.leader().filter(l -> !l.equals(self));
            return CompletableFuture.failedFuture(new NotLeaderException(
                    "controller leader: node " + self + " (expected: "
                            + leader.map(l -> "node " + l).orElse("none elected yet") + ")",
                    leader,
                    leadership.term()));
        }
        return group.get()
                .propose(command.toByteString().asReadOnlyByteBuffer(), null)
                .thenApply(ControllerClient::reply);
    }

    private void attempt(
            ControllerCommand command, long deadline, Optional<NodeId> hint, CompletableFuture<ControllerReply> done) {
        long leftMs = (deadline - nanoClock.getAsLong()) / NANOS_PER_MS;
        NodeId target = hint.or(this::knownLeader).orElseGet(this::nextCandidate);
        CompletableFuture<ControllerReply> attempt =
                target.equals(self) ? proposeHere(command) : proposeAt(target, command, Math.max(1, leftMs));
        CompletableFuture<?> unused = attempt.whenComplete((reply, failure) -> {
            if (failure == null) {
                done.complete(reply);
                return;
            }
            BrokerException trouble = ErrorMapping.toBrokerException(failure);
            boolean again = trouble.code() == ErrorCode.UNKNOWN_BROKER
                    || trouble.code().kind() == ErrorCode.Kind.RETRIABLE
                    || trouble.code().kind() == ErrorCode.Kind.UNKNOWN_OUTCOME;
            if (!again) {
                done.completeExceptionally(trouble);
            } else if (deadline - nanoClock.getAsLong() <= RETRY_DELAY.toNanos()) {
                done.completeExceptionally(expired(trouble));
            } else {
                Optional<NodeId> next = trouble instanceof NotLeaderException notLeader
                        ? notLeader.leader().filter(l -> !l.equals(target))
                        : Optional.empty();
                scheduler.after(RETRY_DELAY, () -> attempt(command, deadline, next, done));
            }
        });
    }

    private CompletableFuture<ControllerReply> proposeAt(NodeId target, ControllerCommand command, long timeoutMs) {
        ControllerProposal proposal = ControllerProposal.newBuilder()
                .setCommand(command.toByteString())
                .setTimeoutMs((int) Math.min(timeoutMs, Integer.MAX_VALUE))
                .build();
        CompletableFuture<ControllerProposalResult> result =
                clients.call(target, timeoutMs, (stub, out) -> stub.proposeToController(proposal, out));
        return result.thenApply(ControllerClient::forwarded);
    }

    private Optional<NodeId> knownLeader() {
        return local.get().flatMap(g -> g.leadership().leader());
    }

    private NodeId nextCandidate() {
        return candidates.get(Math.floorMod(rotation.getAndIncrement(), candidates.size()));
    }

    private BrokerException expired(BrokerException last) {
        if (last.code() == ErrorCode.LEADER_NOT_AVAILABLE || last.code() == ErrorCode.BROKER_UNAVAILABLE) {
            return new BrokerException(
                    ErrorCode.NO_QUORUM,
                    "controller group: no leader within the deadline (expected: a majority of the controllers "
                            + candidates + " alive); last: " + last.getMessage(),
                    last);
        }
        return last;
    }

    private static ControllerReply forwarded(ControllerProposalResult result) {
        if (result.hasError()) {
            throw ErrorMapping.fromProto(result.getError());
        }
        try {
            return ControllerReply.parseFrom(result.getReply());
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(ErrorCode.INTERNAL, "controller reply: " + e.getMessage(), e);
        }
    }

    private static ControllerReply reply(Outcome outcome) {
        if (!outcome.accepted()) {
            throw new BrokerException(outcome.error(), outcome.message());
        }
        try {
            return ControllerReply.parseFrom(outcome.reply());
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(ErrorCode.INTERNAL, "controller reply: " + e.getMessage(), e);
        }
    }
}
