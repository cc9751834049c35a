package io.gq.broker.host;

import io.gq.broker.scrub.ScrubTarget;
import io.gq.broker.service.CommitWaiters;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.TopicPartition;
import io.gq.core.replication.Leadership;
import io.gq.partition.PartitionConfig;
import io.gq.partition.PartitionStateMachine;
import io.gq.partition.PartitionView;
import io.gq.partition.append.PartitionAppender;
import io.gq.partition.append.RetentionProposer;
import io.gq.partition.log.LogScrub;
import io.gq.raft.RatisGroup;
import java.time.Duration;

/** A replica of a partition that is open on this node, with everything that serves it. Safe for use by many threads. */
public final class HostedPartition implements ScrubTarget {

    private final GroupId id;
    private final TopicPartition name;
    private final RatisGroup group;
    private final PartitionStateMachine machine;
    private final PartitionAppender appender;
    private final RetentionProposer retention;
    private final CommitWaiters waiters;
    private volatile int messageBytesMax;
    private volatile boolean serving;

    HostedPartition(
            GroupId id,
            TopicPartition name,
            RatisGroup group,
            PartitionStateMachine machine,
            PartitionAppender appender,
            RetentionProposer retention,
            CommitWaiters waiters,
            int messageBytesMax) {
        this.id = id;
        this.name = name;
        this.group = group;
        this.machine = machine;
        this.appender = appender;
        this.retention = retention;
        this.waiters = waiters;
        this.messageBytesMax = messageBytesMax;
    }

    @Override
    public GroupId id() {
        return id;
    }

    public TopicPartition name() {
        return name;
    }

    public RatisGroup group() {
        return group;
    }

    public PartitionView view() {
        return machine;
    }

    @Override
    public long bytes() {
        return machine.bytes();
    }

    @Override
    public LogScrub scrub() {
        return machine.scrub();
    }

    public PartitionAppender appender() {
        return appender;
    }

    public CommitWaiters waiters() {
        return waiters;
    }

    /** Proposes what retention asks for, and lets go of files that nothing needs any more. Any replica; may touch the disk. */
    void keepTidy(Duration timeout) {
        retention.run();
        long logStart = machine.logStartOffset();
        if (machine.segments().stream().anyMatch(s -> s.endOffset() <= logStart)) {
            group.checkpoint(timeout).join();
        }
    }

    /** The replica is closing: nothing more is appended, and long polls look once more. */
    void close() {
        appender.close();
        waiters.wake();
    }

    public int messageBytesMax() {
        return messageBytesMax;
    }

    /** The topic's settings in force. */
    void reconfigure(PartitionConfig config) {
        messageBytesMax = config.batchBytesMax();
        machine.reconfigure(config);
    }

    /** From now on reads are answered: the replica is a member that has caught up. */
    void serve() {
        serving = true;
    }

    /** False while the replica is being rebuilt from its peers. */
    public boolean serving() {
        return serving;
    }

    public boolean leadsReady() {
        Leadership leadership = group.leadership();
        return leadership.role() == Leadership.Role.LEADER && leadership.ready();
    }

    /** @throws BrokerException REPLICA_DAMAGED while the replica is being rebuilt */
    public void checkServing() {
        if (!serving) {
            throw new BrokerException(
                    ErrorCode.REPLICA_DAMAGED,
                    name + ": this replica is being rebuilt from its peers (expected: a whole replica)");
        }
    }
}
