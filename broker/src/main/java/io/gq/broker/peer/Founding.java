package io.gq.broker.peer;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.proto.v1.Endpoint;
import io.gq.proto.v1.FoundRequest;
import io.gq.proto.v1.FoundResponse;
import io.gq.proto.v1.ProbeRequest;
import io.gq.proto.v1.ProbeResponse;
import io.gq.proto.v1.Voter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a node into its cluster: founds it with the other configured controllers, or joins the one that is there. Runs before
 * anything of Raft; answers the probes of others for as long as the node runs.
 *
 * <pre>
 *   unfounded --all controllers answer, none founded, lowest id--> draws an id, persists it, tells the others
 *   unfounded --Found from the lowest, or a founded answer-------> persists, belongs
 * </pre>
 */
public final class Founding {

    private static final Logger LOG = LoggerFactory.getLogger(Founding.class);
    private static final long PROBE_TIMEOUT_MS = 1_000;
    private static final long POLL_MS = 150;
    private static final int POLLS_PER_REPORT = 40;

    /** Where the membership is kept; {@code persist} returns once it is durable. */
    public interface Store {
        void persist(Membership membership);
    }

    /** @param founders the controllers the cluster was founded with, under their storages' names */
    public record Membership(String clusterId, List<PeerId> founders) {
        public Membership {
            founders = List.copyOf(founders);
        }
    }

    private final PeerId self;
    private final Map<NodeId, Endpoint> controllers;
    private final Supplier<Map<String, Endpoint>> listeners;
    private final PeerClients clients;
    private final PeerTable peers;
    private final Supplier<UUID> ids;
    private final Store store;
    private final CompletableFuture<Membership> membership = new CompletableFuture<>();

    /**
     * @param controllers gRPC address of every configured controller, this node's included where it is one
     * @param listeners where this node listens, by listener name
     * @param known the membership found on disk
     */
    public Founding(
            PeerId self,
            Map<NodeId, Endpoint> controllers,
            Supplier<Map<String, Endpoint>> listeners,
            PeerClients clients,
            PeerTable peers,
            Supplier<UUID> ids,
            Store store,
            Optional<Membership> known) {
        this.self = self;
        this.controllers = Map.copyOf(controllers);
        this.listeners = listeners;
        this.clients = clients;
        this.peers = peers;
        this.ids = ids;
        this.store = store;
        known.ifPresent(membership::complete);
    }

    /** The membership, where the node has one already. */
    public Optional<Membership> membership() {
        return Optional.ofNullable(membership.getNow(null));
    }

    /**
     * Waits until the node belongs to a cluster.
     *
     * @throws BrokerException CLUSTER_MISMATCH where the controllers belong to different clusters
     */
    public Membership await() throws InterruptedException {
        for (int round = 0; !membership.isDone(); round++) {
            FoundingRule.Step step = FoundingRule.decide(self, controllers.keySet(), probeControllers());
            if (step instanceof FoundingRule.Step.Adopt adopt) {
                LOG.info("joining cluster clusterId={} founder={}", adopt.clusterId(), adopt.founder());
                belong(new Membership(adopt.clusterId(), adopt.founders()));
            } else if (step instanceof FoundingRule.Step.Found found) {
                Membership founded = new Membership(ids.get().toString(), found.founders());
                LOG.info("founding cluster clusterId={} founders={}", founded.clusterId(), founded.founders());
                belong(founded);
            } else if (step instanceof FoundingRule.Step.Refuse refuse) {
                throw new BrokerException(ErrorCode.CLUSTER_MISMATCH, refuse.reason());
            } else if (step instanceof FoundingRule.Step.Wait wait) {
                if (round % POLLS_PER_REPORT == POLLS_PER_REPORT - 1) {
                    LOG.info(
                            "waiting for the other controllers before the first start missing={} controllers={}",
                            wait.missing(),
                            controllers.keySet());
                }
                pause();
            }
        }
        Membership now = membership.join();
        tellOthers(now);
        return now;
    }

    /** Learns the other nodes' addresses from the configured controllers; one round, failures are left out. */
    public Map<NodeId, FoundingRule.Answer> probeControllers() throws InterruptedException {
        ProbeRequest.Builder request =
                ProbeRequest.newBuilder().setNodeId(self.node().value()).setIncarnation(self.incarnation());
        membership().ifPresent(m -> request.setClusterId(m.clusterId()));
        Map<NodeId, CompletableFuture<ProbeResponse>> asked = new HashMap<>();
        controllers.forEach((node, endpoint) -> {
            if (!node.equals(self.node())) {
                asked.put(
                        node,
                        clients.call(endpoint, PROBE_TIMEOUT_MS, (stub, out) -> stub.probe(request.build(), out)));
            }
        });
        Map<NodeId, FoundingRule.Answer> answers = new HashMap<>();
        for (Map.Entry<NodeId, CompletableFuture<ProbeResponse>> ask : asked.entrySet()) {
            try {
                ProbeResponse response = ask.getValue().get();
                NodeId node = new NodeId(response.getNodeId());
                if (!node.equals(ask.getKey())) {
                    LOG.warn(
                            "controllers: node {} is configured at {} but node {} answered there",
                            ask.getKey(),
                            controllers.get(ask.getKey()),
                            node);
                    continue;
                }
                peers.learn(node, response.getListenersMap());
                answers.put(node, answer(node, response));
            } catch (ExecutionException e) {
                LOG.debug("no answer from controller node={} cause={}", ask.getKey(), String.valueOf(e.getCause()));
            }
        }
        return answers;
    }

    /** Answers a probe. */
    public ProbeResponse onProbe(ProbeRequest request) {
        ProbeResponse.Builder response = ProbeResponse.newBuilder()
                .setNodeId(self.node().value())
                .setIncarnation(self.incarnation())
                .putAllListeners(listeners.get());
        membership().ifPresent(m -> response.setClusterId(m.clusterId()).addAllFounders(voters(m.founders())));
        return response.build();
    }

    /** The lowest configured controller founds the cluster with us. */
    public synchronized FoundResponse onFound(FoundRequest request) {
        Membership proposed = new Membership(
                request.getClusterId(),
                request.getFoundersList().stream().map(Founding::peerId).toList());
        Optional<Membership> mine = membership();
        if (mine.isPresent()) {
            boolean same = mine.get().clusterId().equals(proposed.clusterId());
            return FoundResponse.newBuilder()
                    .setAccepted(same)
                    .setReason(
                            same
                                    ? ""
                                    : "node " + self.node() + " belongs to cluster "
                                            + mine.get().clusterId())
                    .build();
        }
        if (!proposed.founders().contains(self)) {
            return FoundResponse.newBuilder()
                    .setReason("founders: " + proposed.founders() + " (expected: " + self + " among them)")
                    .build();
        }
        belong(proposed);
        return FoundResponse.newBuilder().setAccepted(true).build();
    }

    private synchronized void belong(Membership adopted) {
        if (!membership.isDone()) {
            store.persist(adopted);
            membership.complete(adopted);
        }
    }

    private void tellOthers(Membership now) throws InterruptedException {
        if (!now.founders().contains(self)) {
            return;
        }
        FoundRequest request = FoundRequest.newBuilder()
                .setClusterId(now.clusterId())
                .addAllFounders(voters(now.founders()))
                .setFromNode(self.node().value())
                .build();
        for (PeerId founder : now.founders()) {
            Endpoint endpoint = controllers.get(founder.node());
            if (founder.equals(self) || endpoint == null) {
                continue;
            }
            try {
                CompletableFuture<FoundResponse> answer =
                        clients.call(endpoint, PROBE_TIMEOUT_MS, (stub, out) -> stub.found(request, out));
                FoundResponse response = answer.get();
                if (!response.getAccepted()) {
                    LOG.warn("founding refused node={} reason={}", founder, response.getReason());
                }
            } catch (ExecutionException e) {
                // It will learn the cluster id from its own probes.
                LOG.debug("founding not delivered node={}", founder, e.getCause());
            }
        }
    }

    private void pause() throws InterruptedException {
        try {
            membership.get(POLL_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.trace("not founded yet");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FoundingRule.Answer answer(NodeId node, ProbeResponse response) {
        return new FoundingRule.Answer(
                new PeerId(node, response.getIncarnation()),
                response.getClusterId().isEmpty() ? Optional.empty() : Optional.of(response.getClusterId()),
                response.getFoundersList().stream().map(Founding::peerId).toList());
    }

    private static PeerId peerId(Voter voter) {
        return new PeerId(new NodeId(voter.getNodeId()), voter.getIncarnation());
    }

    private static List<Voter> voters(List<PeerId> founders) {
        return founders.stream()
                .map(f -> Voter.newBuilder()
                        .setNodeId(f.node().value())
                        .setIncarnation(f.incarnation())
                        .build())
                .toList();
    }
}
