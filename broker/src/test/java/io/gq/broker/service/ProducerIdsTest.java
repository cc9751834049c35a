package io.gq.broker.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.ControllerReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ProducerIdsTest {

    private final List<CompletableFuture<ControllerReply>> asked = new ArrayList<>();
    private final ProducerIds ids = new ProducerIds(
            count -> {
                asked.add(new CompletableFuture<>());
                return asked.get(asked.size() - 1);
            },
            3);

    @Test
    void shouldHandOutABlockBeforeItAsksForTheNext() {
        CompletableFuture<Long> first = ids.take();
        CompletableFuture<Long> second = ids.take();
        assertThat(asked).hasSize(1);

        grant(0, 100);

        assertThat(first).isCompletedWithValue(100L);
        assertThat(second).isCompletedWithValue(101L);
        assertThat(ids.take()).isCompletedWithValue(102L);
        assertThat(asked).hasSize(1);
        assertThat(ids.take()).isNotDone();
        assertThat(asked).hasSize(2);
    }

    @Test
    void shouldAskAgainWhenMoreWaitThanABlockHolds() {
        List<CompletableFuture<Long>> taken = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            taken.add(ids.take());
        }

        grant(0, 0);
        assertThat(asked).hasSize(2);
        grant(1, 30);

        assertThat(taken.stream().map(CompletableFuture::join)).containsExactly(0L, 1L, 2L, 30L, 31L);
    }

    @Test
    void shouldFailTheWaitingAndRecover() {
        CompletableFuture<Long> failed = ids.take();
        asked.get(0).completeExceptionally(new BrokerException(ErrorCode.NO_QUORUM, "no controller"));
        assertThatThrownBy(failed::join).hasCauseInstanceOf(BrokerException.class);

        CompletableFuture<Long> next = ids.take();
        grant(1, 7);

        assertThat(next).isCompletedWithValue(7L);
    }

    private void grant(int question, long start) {
        asked.get(question)
                .complete(ControllerReply.newBuilder()
                        .setProducerIdStart(start)
                        .setProducerIdCount(3)
                        .build());
    }
}
