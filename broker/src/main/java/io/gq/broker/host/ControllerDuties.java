package io.gq.broker.host;

import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.peer.ControllerClient;
import io.gq.broker.peer.PeerTable;
import io.gq.controller.BrokerSessions;
import io.gq.controller.ControllerProposals;
import io.gq.controller.image.ClusterImage;
import io.gq.core.BrokerException;
import io.gq.core.NodeId;
import io.gq.core.replication.Leadership;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.SetBrokerState;
import io.gq.raft.RatisGroup;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leader of the controller group does besides answering: it names the cluster in the first image, and marks brokers that
 * fell silent as failed and those heard again as alive. On every other node it does nothing.
 */
public final class ControllerDuties {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerDuties.class);
    private static final Duration PROPOSAL_TIMEOUT = Duration.ofSeconds(5);

    private final NodeId self;
    private final String clusterId;
    private final Supplier<Optional<RatisGroup>> replica;
    private final ImageHolder images;
    private final PeerTable peers;
    private final ControllerProposals proposals;
    private final ControllerClient controller;
    private final BrokerSessions sessions;
    private final LongSupplier processEpoch;
    private final Scheduler scheduler;
    private final LongSupplier nanoClock;
    private final Duration interval;
    private final AtomicBoolean proposing = new AtomicBoolean();
    private Scheduler.Cancellable ticking = () -> {};
    private long leadingTerm;

    public ControllerDuties(
            NodeId self,
            String clusterId,
            Supplier<Optional<RatisGroup>> replica,
            ImageHolder images,
            PeerTable peers,
            ControllerProposals proposals,
            ControllerClient controller,
            Duration sessionTimeout,
            LongSupplier processEpoch,
            Scheduler scheduler,
            LongSupplier nanoClock,
            Duration interval) {
        this.self = self;
        this.clusterId = clusterId;
        this.replica = replica;
        this.images = images;
        this.peers = peers;
        this.proposals = proposals;
        this.controller = controller;
        this.sessions = new BrokerSessions(sessionTimeout, nanoClock.getAsLong());
        this.processEpoch = processEpoch;
        this.scheduler = scheduler;
        this.nanoClock = nanoClock;
        this.interval = interval;
    }

    public void start() {
        ticking = scheduler.every(interval, this::tick);
    }

    public void stop() {
        ticking.cancel();
    }

    private void tick() {
        Leadership leadership = replica.get().map(RatisGroup::leadership).orElse(null);
        if (leadership == null || leadership.role() != Leadership.Role.LEADER || !leadership.ready()) {
            return;
        }
        long now = nanoClock.getAsLong();
        if (leadership.term() != leadingTerm) {
            leadingTerm = leadership.term();
            sessions.lead(now);
            LOG.info("leading the controller group term={}", leadingTerm);
        }
        ClusterImage image = images.image();
        if (image.clusterId().isEmpty()) {
            propose(proposals.foundCluster(image, clusterId).command(), "cluster founded clusterId=" + clusterId);
            return;
        }
        sessions.heartbeat(self, processEpoch.getAsLong(), now);
        peers.states().forEach((node, state) -> sessions.heartbeat(node, state.processEpoch(), state.heardNanos()));
        for (SetBrokerState change : sessions.tick(now, image)) {
            propose(
                    proposals.setBrokerState(image, change).command(),
                    "broker marked node=" + change.getNodeId() + " alive=" + change.getAlive());
        }
    }

    private void propose(ControllerCommand command, String done) {
        if (!proposing.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<?> unused = controller
                .propose(command, PROPOSAL_TIMEOUT)
                .whenComplete((reply, failure) -> {
                    proposing.set(false);
                    if (failure == null) {
                        LOG.info("{}", done);
                    } else if (!(failure instanceof BrokerException)) {
                        LOG.warn("controller duty failed duty={} cause={}", done, failure.toString());
                    }
                });
    }
}
