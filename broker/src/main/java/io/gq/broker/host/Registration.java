package io.gq.broker.host;

import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.peer.ControllerClient;
import io.gq.controller.ControllerProposals;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ListenerAddress;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.PeerId;
import io.gq.core.time.Scheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes this run of the broker known to the controller: where it listens, on which storage, as which run. */
public final class Registration {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

    private final PeerId self;
    private final String rack;
    private final Supplier<Map<String, ListenerAddress>> listeners;
    private final ImageHolder images;
    private final ControllerProposals proposals;
    private final ControllerClient controller;
    private final InstantSource clock;
    private final Duration timeout;
    private final Consumer<ClusterImage> onRegistered;
    private final RetryingTask task;
    private volatile long processEpoch;
    private volatile boolean registered;

    /** @param onRegistered given the first image that is known to be no older than this run of the process */
    Registration(
            PeerId self,
            String rack,
            Supplier<Map<String, ListenerAddress>> listeners,
            ImageHolder images,
            ControllerProposals proposals,
            ControllerClient controller,
            InstantSource clock,
            Duration timeout,
            Consumer<ClusterImage> onRegistered,
            Executor executor,
            Scheduler scheduler) {
        this.self = self;
        this.rack = rack;
        this.listeners = listeners;
        this.images = images;
        this.proposals = proposals;
        this.controller = controller;
        this.clock = clock;
        this.timeout = timeout;
        this.onRegistered = onRegistered;
        this.task = new RetryingTask("registration", this::register, executor, scheduler);
    }

    /** Registers in the background, again and again until it is done. */
    public void start() {
        task.ask();
    }

    public void stop() {
        task.stop();
    }

    /** Number of this run, above those of earlier runs on this storage; 0 before the registration. */
    public long processEpoch() {
        return processEpoch;
    }

    public boolean registered() {
        return registered;
    }

    private CompletableFuture<?> register() {
        if (registered) {
            return CompletableFuture.completedFuture(null);
        }
        ClusterImage image = images.image();
        if (image.clusterId().isEmpty()) {
            throw new BrokerException(
                    ErrorCode.NOT_READY, "cluster metadata: none yet (expected: a controller leader)");
        }
        // A clock that was set back must not make this run look older than the last one.
        long last = image.broker(self.node()).map(BrokerImage::processEpoch).orElse(0L);
        long epoch = Math.max(clock.millis(), last + 1);
        return controller
                .propose(
                        proposals
                                .registerBroker(image, self, epoch, rack, listeners.get())
                                .command(),
                        timeout)
                .thenCompose(reply -> images.await(reply.getImageVersion()))
                .thenAccept(current -> {
                    processEpoch = epoch;
                    registered = true;
                    LOG.info("registered node={} epoch={}", self, epoch);
                    onRegistered.accept(current);
                });
    }
}
