package io.gq.broker;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.HostPort;
import io.gq.broker.config.Listener;
import io.gq.broker.data.DataDirectory;
import io.gq.broker.grpc.GrpcFrontDoor;
import io.gq.broker.host.NodeHost;
import io.gq.broker.http.HttpFrontDoor;
import io.gq.broker.peer.PeerTable;
import io.gq.controller.topic.TopicConfig.Durability;
import io.gq.core.NodeId;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.Endpoint;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Where this node is reached and where it has met others, which it remembers on its disk. */
final class NodeAddresses {

    private static final Duration REMEMBER_DELAY = Duration.ofMillis(500);

    private final BrokerConfig config;
    private final PeerTable peers;
    private final Scheduler scheduler;
    private final Executor calls;

    /** @param calls runs what may wait for a disk */
    NodeAddresses(BrokerConfig config, PeerTable peers, Scheduler scheduler, Executor calls) {
        this.config = config;
        this.peers = peers;
        this.scheduler = scheduler;
        this.calls = calls;
    }

    /** By it brokers call each other. */
    Listener peerListener() {
        return config.grpcListeners().get(0);
    }

    /** Where the others reach what is open by now. */
    Map<String, Endpoint> listeners(
            @Nullable GrpcFrontDoor grpc, @Nullable NodeHost host, @Nullable HttpFrontDoor http) {
        Map<String, Endpoint> listeners = new HashMap<>();
        if (grpc != null) {
            grpc.advertised().forEach((name, address) -> listeners.put(name, endpoint(address)));
            listeners.put(
                    Listener.GRPC, endpoint(grpc.advertised().get(peerListener().name())));
        }
        if (host != null) {
            listeners.put(
                    Listener.RAFT,
                    bound(Listener.RAFT, host.partitionRaft(Durability.FSYNC).port()));
            listeners.put(
                    Listener.RAFT_REPLICATED,
                    bound(
                            Listener.RAFT_REPLICATED,
                            host.partitionRaft(Durability.REPLICATED).port()));
            listeners.put(
                    Listener.CONTROLLER,
                    bound(Listener.CONTROLLER, host.controllerRaft().port()));
        }
        if (http != null) {
            listeners.put(Listener.HTTP, bound(Listener.HTTP, http.port()));
        }
        return listeners;
    }

    private Endpoint bound(String listener, int port) {
        HostPort advertised = config.listener(listener).advertised();
        return endpoint(advertised.port() == 0 ? advertised.withPort(port) : advertised);
    }

    /** Of the configuration. */
    Map<NodeId, Endpoint> controllers() {
        Map<NodeId, Endpoint> endpoints = new HashMap<>();
        config.controllers().forEach(c -> endpoints.put(c.node(), endpoint(c.address())));
        return endpoints;
    }

    /** Takes over what an earlier run remembered. */
    void learn(DataDirectory directory) {
        directory.addresses().load().forEach((peer, listeners) -> {
            Map<String, Endpoint> endpoints = new HashMap<>();
            listeners.forEach((name, address) -> endpoints.put(name, endpoint(address)));
            peers.learn(peer, endpoints);
        });
    }

    /** Stores addresses from now on whenever one has changed, several changes at once. */
    void remember(DataDirectory directory) {
        AtomicBoolean asked = new AtomicBoolean();
        peers.onAddress(changed -> {
            if (asked.compareAndSet(false, true)) {
                scheduler.after(
                        REMEMBER_DELAY,
                        () -> calls.execute(() -> {
                            asked.set(false);
                            store(directory);
                        }));
            }
        });
    }

    private void store(DataDirectory directory) {
        Map<NodeId, Map<String, HostPort>> known = new HashMap<>();
        peers.addresses().forEach((peer, listeners) -> {
            Map<String, HostPort> addresses = new HashMap<>();
            listeners.forEach((name, e) -> addresses.put(name, new HostPort(e.getHost(), e.getPort())));
            known.put(peer, addresses);
        });
        directory.addresses().store(known);
    }

    private static Endpoint endpoint(HostPort address) {
        return Endpoint.newBuilder()
                .setHost(address.host())
                .setPort(address.port())
                .build();
    }
}
