package io.gq.testing.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.TopicPartition;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HistoryRecorderTest {

    private static final TopicPartition P0 = new TopicPartition("orders", 0);

    private final AtomicLong clock = new AtomicLong();
    private final HistoryRecorder recorder = new HistoryRecorder(clock::incrementAndGet);

    @Test
    void shouldRecordEachOutcomeOnce() {
        HistoryRecorder.Invocation acknowledged = recorder.append(1, P0, "a");
        acknowledged.ok(0, 3);
        acknowledged.failed();
        recorder.append(1, P0, "b").failed();
        recorder.append(1, P0, "c").unknown();

        assertThat(recorder.history().appends())
                .extracting(Append::value, Append::result, Append::offset, Append::sequence)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", Append.Result.OK, 0L, 0L),
                        org.assertj.core.groups.Tuple.tuple("b", Append.Result.FAILED, -1L, 1L),
                        org.assertj.core.groups.Tuple.tuple("c", Append.Result.UNKNOWN, -1L, 2L));
    }

    @Test
    void shouldCallOpenAppendUnknown() {
        recorder.append(1, P0, "a");

        assertThat(recorder.history().appends()).singleElement().satisfies(append -> {
            assertThat(append.result()).isEqualTo(Append.Result.UNKNOWN);
            assertThat(append.completeNs()).isGreaterThan(append.invokeNs());
        });
    }

    @Test
    void shouldKeepInvokeBeforeComplete() {
        HistoryRecorder.Invocation append = recorder.append(1, P0, "a");
        clock.set(100);
        append.ok(0, 1);
        long before = recorder.now();
        recorder.end("client", P0, before, 1);

        assertThat(recorder.history().appends().get(0).invokeNs()).isEqualTo(1);
        assertThat(recorder.history().appends().get(0).completeNs()).isEqualTo(101);
        assertThat(recorder.history().ends().get(0).invokeNs()).isEqualTo(102);
        assertThat(recorder.history().ends().get(0).completeNs()).isEqualTo(103);
    }
}
