package io.gq.broker.host;

import io.gq.broker.metadata.ImageHolder;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.DeletedTopicImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.GroupId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.time.Scheduler;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the partitions open on this node match the cluster image: opens what is assigned, rebuilds what is damaged, deletes what a
 * tombstone of this cluster names, and leaves alone what the image does not know.
 */
public final class PartitionReconciler {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionReconciler.class);

    private static final CompletableFuture<?> DONE = CompletableFuture.completedFuture(null);

    private final PeerId self;
    private final ImageHolder images;
    private final PartitionHost host;
    private final Consumer<TopicId> confirmDeletion;
    private final Executor executor;
    private final Scheduler scheduler;
    private final ConcurrentHashMap<GroupId, RetryingTask> tasks = new ConcurrentHashMap<>();
    private final Set<GroupId> strangers = ConcurrentHashMap.newKeySet();
    private volatile boolean caughtUp;
    private volatile boolean stopped;

    /**
     * @param confirmDeletion tells the controller that this node holds nothing of a deleted topic any more
     * @param executor runs attempts, which may wait on disks
     */
    PartitionReconciler(
            PeerId self,
            ImageHolder images,
            PartitionHost host,
            Consumer<TopicId> confirmDeletion,
            Executor executor,
            Scheduler scheduler) {
        this.self = self;
        this.images = images;
        this.host = host;
        this.confirmDeletion = confirmDeletion;
        this.executor = executor;
        this.scheduler = scheduler;
    }

    /**
     * The image changed: asks for every group that is, or should no longer be, here.
     *
     * @param current false while the image may still be one of before the last stop
     */
    public void onImage(ClusterImage image, boolean current) {
        if (stopped || image.clusterId().isEmpty()) {
            return;
        }
        caughtUp |= current;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.hasReplicaOn(self.node())) {
                    ask(partition.group());
                }
            }
        }
        for (DeletedTopicImage deleted : image.deletedTopics()) {
            if (deleted.pending().contains(self.node())) {
                deleted.partitions().forEach(p -> ask(p.group()));
            }
        }
        if (current) {
            host.known().forEach(group -> {
                if (!image.knowsGroup(group)) {
                    stranger(group);
                }
            });
        }
    }

    /** The group stopped by itself, or something it waits for changed. */
    public void ask(GroupId group) {
        if (!stopped) {
            tasks.computeIfAbsent(group, g -> new RetryingTask("group " + g, () -> reconcile(g), executor, scheduler))
                    .ask();
        }
    }

    /** True once every partition assigned here is open. */
    public boolean settled() {
        ClusterImage image = images.image();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.hasReplicaOn(self.node()) && !host.isOpen(partition.group())) {
                    return false;
                }
            }
        }
        return true;
    }

    public void stop() {
        stopped = true;
        tasks.values().forEach(RetryingTask::stop);
    }

    private CompletableFuture<?> reconcile(GroupId group) {
        ClusterImage image = images.image();
        Optional<DeletedTopicImage> deleted = image.deletedTopicOf(group);
        if (deleted.isPresent()) {
            delete(group, deleted.get());
            return DONE;
        }
        Optional<ClusterImage.GroupImage> assigned =
                image.group(group).filter(g -> g.partition().hasReplicaOn(self.node()));
        if (assigned.isEmpty()) {
            return DONE;
        }
        if (host.isOpen(group)) {
            host.reconfigure(assigned.get());
            return DONE;
        }
        if (!caughtUp && !host.holds(group)) {
            return DONE; // an old image may still name a topic that was deleted since, here too: not to be made again
        }
        return host.open(assigned.get())
                .thenRun(() -> LOG.info(
                        "replica open partition={}-{} group={}",
                        assigned.get().topic().name(),
                        assigned.get().partition().partition(),
                        group));
    }

    private void delete(GroupId group, DeletedTopicImage deleted) {
        if (!deleted.pending().contains(self.node())) {
            return;
        }
        if (host.holds(group)) {
            host.delete(group);
            LOG.info("deleted group={} topic={}", group, deleted.name());
        }
        if (deleted.partitions().stream().noneMatch(p -> host.holds(p.group()))) {
            confirmDeletion.accept(deleted.id());
        }
    }

    private void stranger(GroupId group) {
        if (strangers.add(group)) {
            LOG.warn("a group on this disk is in no topic and no tombstone of the cluster: left alone group={}", group);
        }
    }
}
