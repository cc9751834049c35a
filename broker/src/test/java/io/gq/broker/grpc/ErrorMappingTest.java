package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.Error;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorMappingTest {

    @ParameterizedTest
    @EnumSource
    void shouldKeepCodeAndMessageThroughAStatusAndBack(ErrorCode code) {
        StatusRuntimeException status = ErrorMapping.toStatus(new BrokerException(code, "n: 1 (expected: 2)"));

        assertThat(status.getStatus().isOk()).isFalse();
        assertThat(status.getStatus().getDescription()).isEqualTo(code.label() + " " + code + ": n: 1 (expected: 2)");
        BrokerException back = ErrorMapping.toBrokerException(new ExecutionException(status));
        assertThat(back.code()).isEqualTo(code);
        assertThat(back).hasMessage("n: 1 (expected: 2)");
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayInTheMessageWhatTheCodeSays(ErrorCode code) {
        Error error = ErrorMapping.toProto(new BrokerException(code, "m"));

        assertThat(error.getName()).isEqualTo(code.name());
        assertThat(error.getNumber()).isEqualTo(code.number());
        assertThat(error.getRetriable()).isEqualTo(code.retriable());
        assertThat(error.getOutcomeUnknown()).isEqualTo(code.kind() == ErrorCode.Kind.UNKNOWN_OUTCOME);
        assertThat(error.getHint()).isEqualTo(code.hint());
        assertThat(error.getRetryAfterMs() > 0).isEqualTo(code == ErrorCode.THROTTLED);
        assertThat(ErrorMapping.fromProto(error).code()).isEqualTo(code);
    }

    @Test
    void shouldFindTheErrorUnderWrappersAndNameDefectsInternal() {
        BrokerException known = new BrokerException(ErrorCode.NO_QUORUM, "q");
        assertThat(ErrorMapping.toBrokerException(new CompletionException(new ExecutionException(known))))
                .isSameAs(known);
        assertThat(ErrorMapping.toBrokerException(new NullPointerException("x")).code())
                .isEqualTo(ErrorCode.INTERNAL);
        assertThat(ErrorMapping.toBrokerException(new TimeoutException("x")).code())
                .isEqualTo(ErrorCode.TIMEOUT);
        assertThat(ErrorMapping.toBrokerException(new CancellationException()).code())
                .isEqualTo(ErrorCode.SHUTTING_DOWN);
    }

    @Test
    void shouldKeepTheNameOfACodeItDoesNotKnow() {
        BrokerException e = ErrorMapping.fromProto(Error.newBuilder()
                .setName("BRAND_NEW")
                .setNumber(4242)
                .setMessage("m")
                .build());
        assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(e).hasMessage("BRAND_NEW (GQ-4242): m");
    }

    @Test
    void shouldReadAStatusWithoutOurTrailer() {
        assertThat(ErrorMapping.fromStatus(Status.UNAVAILABLE, null).code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
        assertThat(ErrorMapping.fromStatus(Status.DEADLINE_EXCEEDED, new Metadata())
                        .code())
                .isEqualTo(ErrorCode.TIMEOUT);
        assertThat(ErrorMapping.fromStatus(Status.DATA_LOSS, null).code()).isEqualTo(ErrorCode.INTERNAL);
        Metadata garbage = new Metadata();
        garbage.put(ErrorMapping.TRAILER, new byte[] {(byte) 0xff, 1, 2});
        assertThat(ErrorMapping.fromStatus(Status.UNAVAILABLE, garbage).code()).isEqualTo(ErrorCode.INTERNAL);
    }
}
