package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gq.broker.grpc.FakeServices.Append;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.Principal;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.TopicRef;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProduceStreamTest {

    @Test
    void shouldAnswerInRequestOrderWithinAPartitionAndAcrossPartitionsAsTheyCome() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall call = new ProduceCall(f.channel());
            call.send(1, "logs", 0, 10);
            call.send(2, "logs", 0, 10);
            call.send(3, "logs", 1, 10);
            Append first = f.services.nextAppend();
            Append second = f.services.nextAppend();
            Append third = f.services.nextAppend();

            second.done(1);
            third.done(50);
            assertThat(call.next().getCorrelationId()).isEqualTo(3);
            assertThat(call.responses).isEmpty();
            first.done(0);
            ProduceResponse answer = call.next();
            assertThat(answer.getCorrelationId()).isEqualTo(1);
            assertThat(answer.getBaseOffset()).isZero();
            assertThat(answer.getTerm()).isEqualTo(7);
            assertThat(answer.hasError()).isFalse();
            assertThat(call.next().getCorrelationId()).isEqualTo(2);

            call.halfClose();
            assertThat(call.end.get(10, TimeUnit.SECONDS).isOk()).isTrue();
            await().until(() -> f.endpoint.produceBytesInFlight() == 0);
        }
    }

    @Test
    void shouldHandOnTheBytesWritableWithPrincipalAndTimeout() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall call = new ProduceCall(f.channel());
            call.send(ProduceCall.request(9, "logs", 4, 100).toBuilder()
                    .setTimeoutMs(1500)
                    .build());
            Append append = f.services.nextAppend();

            assertThat(append.principal()).isEqualTo(Principal.ANONYMOUS);
            assertThat(append.topic().name()).isEqualTo("logs");
            assertThat(append.partition()).isEqualTo(4);
            assertThat(append.timeout()).isEqualTo(Duration.ofMillis(1500));
            assertThat(append.batch().isReadOnly()).isFalse();
            assertThat(append.batch().position()).isZero();
            assertThat(append.batch().remaining()).isEqualTo(100);
            assertThat(append.batch().get(99)).isEqualTo((byte) 9);
            assertThat(append.batch().putLong(0, 77).getLong(0)).isEqualTo(77);

            call.send(10, "logs", 4, 5);
            assertThat(f.services.nextAppend().timeout())
                    .isEqualTo(f.config.produce().timeout());
        }
    }

    @Test
    void shouldAnswerABadRequestWithItsErrorAndKeepTheStream() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall call = new ProduceCall(f.channel());
            call.send(1, "logs", 0, 0);
            assertError(call, 1, ErrorCode.INVALID_REQUEST);
            call.send(2, "logs", -1, 10);
            assertError(call, 2, ErrorCode.UNKNOWN_PARTITION);
            call.send(3, "", 0, 10);
            assertError(call, 3, ErrorCode.INVALID_REQUEST);
            call.send(ProduceCall.request(4, "logs", 0, 10).toBuilder()
                    .setTopic(TopicRef.newBuilder().setId(com.google.protobuf.ByteString.copyFromUtf8("short")))
                    .build());
            assertError(call, 4, ErrorCode.INVALID_REQUEST);
            call.send(5, "logs", 0, FakeServices.MESSAGE_BYTES_MAX + 1);
            assertError(call, 5, ErrorCode.MESSAGE_TOO_LARGE);

            call.send(6, "logs", 0, 10);
            f.services
                    .nextAppend()
                    .answer()
                    .completeExceptionally(new BrokerException(ErrorCode.NOT_LEADER, "node: 1 (expected: 3)"));
            ProduceResponse refused = assertError(call, 6, ErrorCode.NOT_LEADER);
            assertThat(refused.getError().getLeader().getNodeId()).isEqualTo(3);
            assertThat(refused.getError().getLeader().getEndpoint().getPort()).isEqualTo(9094);
            assertThat(refused.getError().getLeader().getEndpoint().getHost()).isEqualTo("grpc.test");
            assertThat(refused.getError().getRetriable()).isTrue();

            f.services.throwing = true;
            call.send(7, "logs", 0, 10);
            assertThat(assertError(call, 7, ErrorCode.INTERNAL).getError().getOutcomeUnknown())
                    .isTrue();
            f.services.throwing = false;

            call.send(8, "logs", 0, 10);
            f.services.nextAppend().done(123);
            assertThat(call.next().getBaseOffset()).isEqualTo(123);
            await().until(() -> f.endpoint.produceBytesInFlight() == 0);
        }
    }

    @Test
    void shouldStopReadingWhenTheConnectionsBudgetIsUsedUpAndGoOnWhenThereIsRoom() throws Exception {
        assertPausesAndGoesOn("max_message_size=64KB", "produce.connection_bytes_max=64KB");
    }

    @Test
    void shouldStopReadingWhenThePartitionsBudgetIsUsedUpAndGoOnWhenThereIsRoom() throws Exception {
        assertPausesAndGoesOn("max_message_size=64KB", "produce.partition_bytes_max=64KB");
    }

    @Test
    void shouldStopReadingWhenTheBrokersBudgetIsUsedUpAndGoOnWhenThereIsRoom() throws Exception {
        assertPausesAndGoesOn("max_message_size=64KB", "produce.process_bytes_max=64KB");
    }

    private static void assertPausesAndGoesOn(String... settings) throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture(settings)) {
            ProduceCall call = new ProduceCall(f.channel());
            int sent = 40;
            for (int i = 0; i < sent; i++) {
                call.send(i, "logs", 0, 20_000);
            }
            // 64 KB hold three of them; the fourth is charged above the limit, and no fifth is read
            List<Append> taken = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                taken.add(f.services.nextAppend());
            }
            assertThat(f.services.appends.poll(300, TimeUnit.MILLISECONDS)).isNull();
            assertThat(f.services.appendCount).hasValue(4);
            assertThat(f.endpoint.produceBytesInFlight()).isBetween(64L << 10, (64L << 10) + 21_000);

            for (int i = 0; i < sent; i++) {
                Append next = taken.isEmpty() ? f.services.nextAppend() : taken.remove(0);
                next.done(i);
                assertThat(call.next().getBaseOffset()).isEqualTo(i);
            }
            assertThat(f.services.appendCount).hasValue(sent);
            call.halfClose();
            assertThat(call.end.get(10, TimeUnit.SECONDS).isOk()).isTrue();
            await().until(() -> f.endpoint.produceBytesInFlight() == 0);
        }
    }

    @Test
    void shouldServeOtherConnectionsWhenOnesBudgetIsUsedUp() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("max_message_size=64KB", "produce.connection_bytes_max=64KB")) {
            ProduceCall greedy = new ProduceCall(f.channel());
            for (int i = 0; i < 20; i++) {
                greedy.send(i, "logs", 0, 20_000);
            }
            for (int i = 0; i < 4; i++) {
                f.services.nextAppend();
            }
            ProduceCall modest = new ProduceCall(f.channel());
            modest.send(100, "other", 0, 10);
            Append append = f.services.nextAppend();
            assertThat(append.topic().name()).isEqualTo("other");
            append.done(5);
            assertThat(modest.next().getCorrelationId()).isEqualTo(100);
        }
    }

    @Test
    void shouldGiveBytesBackWhenTheClientCancels() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall call = new ProduceCall(f.channel());
            call.send(1, "logs", 0, 1000);
            call.send(2, "logs", 0, 1000);
            Append first = f.services.nextAppend();
            Append second = f.services.nextAppend();
            call.cancel();
            assertThat(call.end.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
            assertThat(f.endpoint.produceBytesInFlight()).isGreaterThan(2000);
            first.done(0);
            second.answer().completeExceptionally(new BrokerException(ErrorCode.NO_QUORUM, "x"));
            await().until(() -> f.endpoint.produceBytesInFlight() == 0);

            ProduceCall next = new ProduceCall(f.channel());
            next.send(3, "logs", 0, 10);
            f.services.nextAppend().done(1);
            assertThat(next.next().getCorrelationId()).isEqualTo(3);
        }
    }

    @Test
    void shouldAnswerTimeoutWhenTheServiceStaysSilentAndThenTheNextInOrder() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall call = new ProduceCall(f.channel());
            call.send(ProduceCall.request(1, "logs", 0, 10).toBuilder()
                    .setTimeoutMs(100)
                    .build());
            Append silent = f.services.nextAppend();
            call.send(2, "logs", 0, 10);
            f.services.nextAppend().done(6);

            f.nanos.set(Duration.ofMillis(1099).toNanos());
            f.scheduler.runRepeated();
            assertThat(call.responses).isEmpty();
            f.nanos.set(Duration.ofMillis(1101).toNanos());
            f.scheduler.runRepeated();
            assertThat(assertError(call, 1, ErrorCode.TIMEOUT).getError().getMessage())
                    .contains("logs-0", "100 ms");
            assertThat(call.next().getBaseOffset()).isEqualTo(6);

            silent.done(5); // too late to be told
            call.send(3, "logs", 0, 10);
            f.services.nextAppend().done(7);
            assertThat(call.next().getCorrelationId()).isEqualTo(3);
        }
    }

    @Test
    void shouldAnswerWhatWasReadAndCloseWithShuttingDownWhenDrained() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ProduceCall busy = new ProduceCall(f.channel());
            busy.send(1, "logs", 0, 10);
            Append append = f.services.nextAppend();
            ProduceCall idle = new ProduceCall(f.channel());
            idle.send(2, "logs", 1, 10);
            f.services.nextAppend().done(0);
            idle.next();

            f.endpoint.drain();
            Status idleEnd = idle.end.get(10, TimeUnit.SECONDS);
            assertThat(idleEnd.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(idleEnd.getDescription()).contains("SHUTTING_DOWN");
            assertThat(busy.end).isNotDone();
            append.done(33);
            assertThat(busy.next().getBaseOffset()).isEqualTo(33);
            assertThat(busy.end.get(10, TimeUnit.SECONDS).getDescription()).contains("SHUTTING_DOWN");

            ProduceCall late = new ProduceCall(f.channel());
            assertThat(late.end.get(10, TimeUnit.SECONDS).getDescription()).contains("SHUTTING_DOWN");
        }
    }

    private static ProduceResponse assertError(ProduceCall call, long id, ErrorCode code) throws InterruptedException {
        ProduceResponse response = call.next();
        assertThat(response.getCorrelationId()).isEqualTo(id);
        assertThat(response.getError().getName()).isEqualTo(code.name());
        assertThat(response.getError().getNumber()).isEqualTo(code.number());
        return response;
    }
}
