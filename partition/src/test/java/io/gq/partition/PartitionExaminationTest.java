package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.PayloadExtent;
import io.gq.partition.append.AppenderConfig;
import io.gq.partition.append.PartitionAppender;
import io.gq.testing.ManualClock;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PartitionExaminationTest {

    private final DirectGroup group = new DirectGroup();
    private PartitionAppender appender = appender(0);

    PartitionExaminationTest() {
        group.lead();
    }

    private PartitionAppender appender(int inlineBytesMax) {
        return new PartitionAppender(
                group.machine,
                group,
                AppenderConfig.DEFAULT.withInlineBytesMax(inlineBytesMax),
                new ManualClock(),
                PartitionMetrics.NONE);
    }

    @Test
    void shouldReachToTheEndWhenEverythingIsThere() throws Exception {
        append(6);
        group.machine.checkpoint();
        append(4);
        long end = group.machine.logEndOffset();
        group.machine.close();

        assertThat(examine()).isEqualTo(new PayloadExtent(new LogPosition(1, 5), 10, 0, end));
    }

    @Test
    void shouldReachToTheFirstEntryWhosePayloadIsGone() throws Exception {
        append(6);
        group.machine.checkpoint();
        append(2);
        long position = group.machine.bytes();
        long end = group.machine.logEndOffset();
        append(2);
        group.machine.close();
        group.files.flipBit(segment(), position + 1, 3);

        assertThat(examine()).isEqualTo(new PayloadExtent(new LogPosition(1, 5), 8, 0, end));
    }

    @Test
    void shouldMissNothingThatTheRaftLogHoldsItself() throws Exception {
        append(6);
        group.machine.checkpoint();
        append(2);
        appender = appender(1000);
        long position = group.machine.bytes();
        append(2);
        long end = group.machine.logEndOffset();
        group.machine.close();
        group.files.flipBit(segment(), position + 1, 3);

        assertThat(examine()).isEqualTo(new PayloadExtent(new LogPosition(1, 5), 10, 0, end));
        assertThat(verify().damage()).isEmpty();
    }

    @Test
    void shouldEndAtTheCheckpointWhenTheLogDoes() throws Exception {
        append(6);
        group.machine.checkpoint();
        long end = group.machine.logEndOffset();
        group.machine.close();
        group.log.clear();

        assertThat(examine()).isEqualTo(new PayloadExtent(new LogPosition(1, 5), 0, 0, end));
    }

    @Test
    void shouldBeDamagedWhenWhatTheCheckpointNamesIsGone() throws Exception {
        append(6);
        group.machine.checkpoint();
        group.machine.close();
        group.files.flipBit(segment(), 1, 3);

        assertThatThrownBy(this::examine).isInstanceOf(DamagedReplicaException.class);
    }

    @Test
    void shouldFindNothingWhenVerifyingWhatIsWhole() throws Exception {
        append(6);
        group.machine.checkpoint();
        append(4);
        long end = group.machine.logEndOffset();
        group.machine.close();

        StoredPartition stored = verify();

        assertThat(stored.damage()).isEmpty();
        assertThat(stored.endOffset()).isEqualTo(end);
    }

    @Test
    void shouldNameEveryDamagedEntryWhenVerifying() throws Exception {
        append(6);
        group.machine.checkpoint();
        long entryBytes = group.machine.bytes() / 6;
        group.machine.close();
        group.files.flipBit(segment(), entryBytes + 5, 3);
        group.files.flipBit(segment(), 4 * entryBytes + 5, 3);

        assertThat(verify().damage())
                .hasSize(2)
                .satisfiesExactly(
                        first -> assertThat(first).contains("entry 1 at " + entryBytes),
                        second -> assertThat(second).contains("entry 4 at " + 4 * entryBytes));
    }

    @Test
    void shouldNameTheEntryOfTheRaftLogWhosePayloadIsGoneWhenVerifying() throws Exception {
        append(6);
        group.machine.checkpoint();
        append(2);
        long position = group.machine.bytes();
        append(2);
        group.machine.close();
        group.files.flipBit(segment(), position + 1, 3);

        assertThat(verify().damage()).singleElement().asString().contains("entry 8 of the Raft log");
    }

    private StoredPartition verify() throws Exception {
        return new PartitionExamination(group.files, group.store)
                .verify(group.id(), DirectGroup.DIRECTORY, new LogTail(0, group.log.size(), group.log));
    }

    private void append(int entries) {
        for (int i = 0; i < entries; i++) {
            long offset = group.machine.logEndOffset();
            appender.append(PartitionWorkload.batch(1, 1000 + offset, 7, (int) offset))
                    .join();
        }
    }

    private Path segment() throws Exception {
        return group.files.list(DirectGroup.DIRECTORY).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .map(DirectGroup.DIRECTORY::resolve)
                .findFirst()
                .orElseThrow();
    }

    private PayloadExtent examine() throws Exception {
        return new PartitionExamination(group.files, group.store)
                .examine(
                        group.id(),
                        DirectGroup.DIRECTORY,
                        group.config.log(),
                        new LogTail(0, group.log.size(), group.log));
    }
}
