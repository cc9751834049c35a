package io.gq.broker.host;

import io.gq.broker.metadata.ImageHolder;
import io.gq.broker.service.CommitWaiters;
import io.gq.controller.image.ClusterImage.GroupImage;
import io.gq.controller.image.TopicImage;
import io.gq.controller.topic.TopicConfig;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.TopicPartition;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.PayloadExtent;
import io.gq.core.replication.StateMachine;
import io.gq.core.store.StateStore;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionExamination;
import io.gq.partition.PartitionMachineFactory;
import io.gq.partition.PartitionStateMachine;
import io.gq.partition.ReplicaListener;
import io.gq.partition.TimestampType;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.append.RetentionProposer;
import io.gq.partition.log.LogConfig;
import io.gq.partition.log.RetentionPolicy;
import io.gq.raft.PayloadExamination;
import io.gq.raft.RatisGroup;
import io.gq.raft.StateMachineFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.function.Function;

/** Makes the machines of this node's partitions, gives them their settings, and disposes of their files. */
public final class PartitionMachines implements StateMachineFactory, PayloadExamination {

    /**
     * What every partition of the node shares beyond its topic's settings.
     *
     * @param trimBytes size of a trim in the Raft log, see {@link RetentionProposer}
     */
    public record NodeSettings(
            int preallocateBytes,
            long verifyOnOpenBytes,
            long producerExpiryMs,
            int producersMax,
            int trimBytes,
            AppenderConfig appender) {}

    private final Path directory;
    private final StorageFiles files;
    private final StateStore store;
    private final PartitionMachineFactory factory;
    private final ImageHolder images;
    private final Function<TopicImage, TopicConfig> configInForce;
    private final NodeSettings settings;
    private final InstantSource clock;
    private final Function<GroupId, ReplicaListener> events;

    /**
     * @param directory holds a directory a group
     * @param events what hears of a replica's trouble
     */
    PartitionMachines(
            Path directory,
            StorageFiles files,
            StateStore store,
            PartitionMachineFactory factory,
            ImageHolder images,
            Function<TopicImage, TopicConfig> configInForce,
            NodeSettings settings,
            InstantSource clock,
            Function<GroupId, ReplicaListener> events) {
        this.directory = directory;
        this.files = files;
        this.store = store;
        this.factory = factory;
        this.images = images;
        this.configInForce = configInForce;
        this.settings = settings;
        this.clock = clock;
        this.events = events;
    }

    @Override
    public StateMachine create(GroupId group) throws IOException {
        GroupImage assigned = assigned(group);
        files.createDirectories(directory.resolve(group.toString()));
        return factory.create(group, directory.resolve(group.toString()), config(assigned), events.apply(group));
    }

    @Override
    public PayloadExtent examine(GroupId group, LogTail tail) throws IOException, DamagedReplicaException {
        return new PartitionExamination(files, store)
                .examine(
                        group,
                        directory.resolve(group.toString()),
                        config(assigned(group)).log(),
                        tail);
    }

    private GroupImage assigned(GroupId group) {
        return images.image()
                .group(group)
                .orElseThrow(() -> new BrokerException(
                        ErrorCode.UNKNOWN_PARTITION, "group " + group + ": in no topic (expected: an assigned one)"));
    }

    @Override
    public void delete(GroupId group) throws IOException {
        Path own = directory.resolve(group.toString());
        for (Path file : files.list(own)) {
            files.delete(own.resolve(file));
        }
        files.delete(own);
        files.syncDirectory(directory);
        store.deleteGroup(group);
    }

    @Override
    public void setAside(GroupId group, Path target) throws IOException {
        Path own = directory.resolve(group.toString());
        if (Files.exists(own)) {
            Files.move(own, target.resolve("segments"), StandardCopyOption.ATOMIC_MOVE);
            files.syncDirectory(directory);
        }
        store.deleteGroup(group);
    }

    /** A replica with what serves it; not yet serving. */
    HostedPartition host(GroupImage assigned, RatisGroup group) {
        PartitionStateMachine machine = (PartitionStateMachine) group.machine();
        CommitWaiters waiters = new CommitWaiters();
        machine.onHighWatermark(highWatermark -> waiters.wake());
        PartitionAppender appender =
                new PartitionAppender(machine, group, settings.appender(), clock, factory.metrics());
        return new HostedPartition(
                group.id(),
                new TopicPartition(assigned.topic().name(), assigned.partition().partition()),
                group,
                machine,
                appender,
                new RetentionProposer(machine, group, clock, settings.trimBytes()),
                waiters,
                config(assigned).batchBytesMax());
    }

    PartitionConfig config(GroupImage assigned) {
        TopicConfig topic = configInForce.apply(assigned.topic());
        return new PartitionConfig(
                new LogConfig(
                        topic.segmentBytes(),
                        topic.segmentMs(),
                        (int) Math.min(settings.preallocateBytes(), topic.segmentBytes()),
                        settings.verifyOnOpenBytes(),
                        true),
                new RetentionPolicy(topic.retentionMs(), topic.retentionBytes()),
                topic.maxMessageSize(),
                settings.producerExpiryMs(),
                settings.producersMax(),
                topic.timestampType() == TopicConfig.TimestampType.APPEND
                        ? TimestampType.APPEND
                        : TimestampType.CREATE);
    }
}
