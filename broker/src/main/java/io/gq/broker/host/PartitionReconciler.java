package io.gq.broker.host;

import io.gq.broker.data.GroupRegistry;
import io.gq.broker.data.GroupState;
import io.gq.broker.metadata.ImageHolder;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.DeletedTopicImage;
import io.gq.controller.image.PartitionImage;
import io.gq.controller.image.TopicImage;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.TopicId;
import io.gq.core.time.Scheduler;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the partitions open on this node match the cluster image: opens what is assigned, rebuilds what is damaged, deletes what a
 * tombstone of this cluster names, and leaves alone what the image does not know.
 *
 * <pre>
 *   registry   assigned, mine by birth          assigned otherwise
 *   (none)     create with all founders         rejoin: dismiss, open empty, be admitted
 *   OPEN       open from disk                   open from disk
 *   DAMAGED    rejoin                           rejoin
 *   REBUILDING rejoin                           rejoin
 * </pre>
 */
public final class PartitionReconciler {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionReconciler.class);

    private final PeerId self;
    private final ImageHolder images;
    private final GroupRegistry registry;
    private final PartitionHost host;
    private final Consumer<TopicId> confirmDeletion;
    private final Executor executor;
    private final Scheduler scheduler;
    private final ConcurrentHashMap<GroupId, RetryingTask> tasks = new ConcurrentHashMap<>();
    private final Set<GroupId> strangers = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /**
     * @param confirmDeletion tells the controller that this node holds nothing of a deleted topic any more
     * @param executor runs attempts, which may wait on disks and other brokers
     */
    public PartitionReconciler(
            PeerId self,
            ImageHolder images,
            GroupRegistry registry,
            PartitionHost host,
            Consumer<TopicId> confirmDeletion,
            Executor executor,
            Scheduler scheduler) {
        this.self = self;
        this.images = images;
        this.registry = registry;
        this.host = host;
        this.confirmDeletion = confirmDeletion;
        this.executor = executor;
        this.scheduler = scheduler;
    }

    /** The image changed: asks for every group that is, or should no longer be, here. */
    public void onImage(ClusterImage image) {
        if (stopped || image.clusterId().isEmpty()) {
            return;
        }
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.hasReplicaOn(self.node())) {
                    ask(partition.group());
                }
            }
        }
        Set<GroupId> deletedHere = new HashSet<>();
        for (DeletedTopicImage deleted : image.deletedTopics()) {
            if (deleted.pending().contains(self.node())) {
                deleted.partitions().forEach(p -> ask(p.group()));
            }
            deleted.partitions().forEach(p -> deletedHere.add(p.group()));
        }
        for (GroupId group : registry.states().keySet()) {
            if (!image.knowsGroup(group) && !deletedHere.contains(group)) {
                stranger(group);
            }
        }
    }

    /** The group stopped by itself, or something it waits for changed. */
    public void ask(GroupId group) {
        if (!stopped) {
            tasks.computeIfAbsent(
                            group, g -> new RetryingTask("group " + g, () -> reconcile(g), executor, scheduler))
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

    private void reconcile(GroupId group) throws Exception {
        ClusterImage image = images.image();
        Optional<DeletedTopicImage> deleted = image.deletedTopicOf(group);
        if (deleted.isPresent()) {
            delete(group, deleted.get());
            return;
        }
        Optional<ClusterImage.GroupImage> assigned = image.group(group)
                .filter(g -> g.partition().hasReplicaOn(self.node()));
        if (assigned.isEmpty()) {
            return;
        }
        if (host.isOpen(group)) {
            host.reconfigure(assigned.get());
            return;
        }
        GroupState state = registry.state(group).orElse(null);
        if (state == null && assigned.get().partition().founders().contains(self)) {
            registry.put(group, GroupState.OPEN);
            host.create(assigned.get());
        } else if (state == GroupState.OPEN) {
            openFromDisk(assigned.get());
        } else if (state != GroupState.DELETED) {
            host.rejoin(assigned.get());
        }
    }

    private void openFromDisk(ClusterImage.GroupImage assigned) throws Exception {
        GroupId group = assigned.partition().group();
        if (!host.open(assigned)) {
            LOG.error("replica is damaged and will be rebuilt from its peers group={}", group);
            registry.put(group, GroupState.DAMAGED);
            host.rejoin(assigned);
        }
    }

    private void delete(GroupId group, DeletedTopicImage deleted) throws Exception {
        NodeId node = self.node();
        if (!deleted.pending().contains(node)) {
            return;
        }
        if (registry.state(group).filter(s -> s != GroupState.DELETED).isPresent()) {
            host.delete(group);
            registry.put(group, GroupState.DELETED);
            LOG.info("deleted group={} topic={}", group, deleted.name());
        }
        boolean allGone = deleted.partitions().stream()
                .allMatch(p -> registry.state(p.group())
                        .map(s -> s == GroupState.DELETED)
                        .orElse(true));
        if (allGone) {
            confirmDeletion.accept(deleted.id());
        }
    }

    private void stranger(GroupId group) {
        if (registry.state(group).orElse(null) == GroupState.DELETED) {
            return;
        }
        if (strangers.add(group)) {
            LOG.warn("a group on this disk is in no topic and no tombstone of the cluster: left alone group={}", group);
        }
    }
}
