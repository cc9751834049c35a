package io.gq.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.TopicPartition;
import io.gq.core.record.Compression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionQueueTest {

    private static final long LINGER = 1000;
    private static final long TIMEOUT = 1_000_000;

    private final List<ProducerBatch> opened = new ArrayList<>();
    private final PartitionQueue queue = new PartitionQueue(new TopicPartition("t", 0), LINGER, opened::add);

    @Test
    void shouldHoldRecordsBackUntilTheyHaveLingered() {
        queue.append(item("a", 0, TIMEOUT));
        queue.append(item("b", 10, TIMEOUT));

        assertThat(queue.poll(LINGER - 1)).isNull();
        assertThat(queue.lingeredNanos(-1)).isEqualTo(LINGER);
        ProducerBatch batch = poll(LINGER);
        assertThat(batch.recordsCount()).isEqualTo(2);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void shouldCloseBatchAndHandItOverWhenNextRecordDoesNotFit() {
        PartitionQueue.Appended first = queue.append(item("x".repeat(60), 0, TIMEOUT));
        PartitionQueue.Appended second = queue.append(item("y".repeat(60), 0, TIMEOUT));

        assertThat(first.wake()).isTrue();
        assertThat(second.closed()).isSameAs(opened.get(0));
        assertThat(poll(0)).isSameAs(opened.get(0));
        assertThat(queue.poll(0)).isNull();
    }

    @Test
    void shouldWakeTheSenderOnlyWhenThereIsSomethingNewToLookAt() {
        assertThat(queue.append(item("a", 0, TIMEOUT)).wake()).isTrue();
        assertThat(queue.append(item("b", 0, TIMEOUT)).wake()).isFalse();
    }

    @Test
    void shouldNotOpenBatchWhenAskedToAppendToAnOpenOne() {
        assertThat(queue.appendIfOpen(item("a", 0, TIMEOUT))).isNull();
        queue.append(item("a", 0, TIMEOUT));
        assertThat(queue.appendIfOpen(item("b", 0, TIMEOUT))).isNotNull();
        assertThat(queue.appendIfOpen(item("c".repeat(100), 0, TIMEOUT))).isNull();
        assertThat(opened).hasSize(1);
    }

    @Test
    void shouldEndTheTurnAfterOneFullBatchHoweverManyBatchesItWas() {
        PartitionQueue.Item item = item("a", 0, TIMEOUT);
        int turns = 0;
        int records = 0;
        while (turns < 3) {
            queue.append(item);
            queue.closeOpen();
            records++;
            turns += queue.turnIsOver(item) ? 1 : 0;
        }
        assertThat(records).isEqualTo(3 * (item.batchBytes() / (int) item.bytes()));
    }

    @Test
    void shouldNotMixRecordsOfDifferentDeliveryTimeouts() {
        queue.append(item("a", 0, TIMEOUT));
        queue.append(item("b", 0, 500));

        assertThat(opened).hasSize(2);
        assertThat(queue.removeExpired(500, false)).containsExactly(opened.get(1));
        assertThat(poll(500)).isSameAs(opened.get(0));
    }

    @Test
    void shouldGiveBackInOrderWhatWasPutBack() {
        queue.append(item("a", 0, TIMEOUT));
        queue.closeOpen();
        queue.append(item("b", 0, TIMEOUT));
        queue.closeOpen();
        queue.append(item("c", 0, TIMEOUT));
        ProducerBatch a = poll(0);
        ProducerBatch b = poll(0);

        queue.putBack(List.of(a, b));

        assertThat(poll(0)).isSameAs(a);
        assertThat(poll(0)).isSameAs(b);
        assertThat(poll(LINGER)).isSameAs(opened.get(2));
    }

    @Test
    void shouldLookForExpiredBatchesNoEarlierThanOneCanBe() {
        assertThat(queue.deadlineNanos(7)).isEqualTo(7);
        queue.append(item("a", 100, TIMEOUT));

        assertThat(queue.deadlineNanos(7)).isEqualTo(100 + TIMEOUT);
        assertThat(queue.removeExpired(99 + TIMEOUT, false)).isEmpty();
        assertThat(queue.removeExpired(100 + TIMEOUT, false)).hasSize(1);
        assertThat(queue.isEmpty()).isTrue();
    }

    private ProducerBatch poll(long now) {
        @Nullable ProducerBatch batch = queue.poll(now);
        assertThat(batch).isNotNull();
        return java.util.Objects.requireNonNull(batch);
    }

    private static PartitionQueue.Item item(String value, long nowNanos, long timeoutNanos) {
        ProducerRecord record = ProducerRecord.ofText("t", value).within(Duration.ofNanos(timeoutNanos));
        return new PartitionQueue.Item(record, 0, value.length(), timeoutNanos, nowNanos, 200, Compression.NONE);
    }
}
