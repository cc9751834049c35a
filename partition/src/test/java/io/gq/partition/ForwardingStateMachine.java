package io.gq.partition;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.testing.history.LogDump;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A partition with a defect to be planted by overriding. */
class ForwardingStateMachine implements StateMachine {

    final PartitionStateMachine partition;

    ForwardingStateMachine(PartitionStateMachine partition) {
        this.partition = partition;
    }

    /** What of a partition's records this replica shows. */
    List<LogDump.Row> shown(List<LogDump.Row> rows) {
        return rows;
    }

    @Override
    public LogPosition open(LogTail tail) throws IOException, DamagedReplicaException {
        return partition.open(tail);
    }

    @Override
    public Outcome apply(Entry entry) {
        return partition.apply(entry);
    }

    @Override
    public void skip(LogPosition position) {
        partition.skip(position);
    }

    @Override
    public LogPosition applied() {
        return partition.applied();
    }

    @Override
    public LogPosition checkpoint() throws IOException {
        return partition.checkpoint();
    }

    @Override
    public LogPosition checkpointed() {
        return partition.checkpointed();
    }

    @Override
    public @Nullable String verify(long term, ByteBuffer command) {
        return partition.verify(term, command);
    }

    @Override
    public void lead(long term) {
        partition.lead(term);
    }

    @Override
    public void follow() {
        partition.follow();
    }

    @Override
    public PayloadStore payloads() {
        return partition.payloads();
    }

    @Override
    public ByteBuffer held() {
        return partition.held();
    }

    @Override
    public SnapshotReader snapshot(ByteBuffer held) throws IOException {
        return partition.snapshot(held);
    }

    @Override
    public LogPosition install(SnapshotReader snapshot) throws IOException {
        return partition.install(snapshot);
    }

    @Override
    public void close() throws IOException {
        partition.close();
    }
}
