package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.Error;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorsTest {

    @Test
    void shouldReadErrorFromTrailerBeforeTheStatus() {
        Metadata trailers = new Metadata();
        trailers.put(
                Errors.TRAILER,
                Error.newBuilder()
                        .setName("NO_QUORUM")
                        .setMessage("missing: 2, 3")
                        .setRetriable(true)
                        .setOutcomeUnknown(true)
                        .setRetryAfterMs(70)
                        .setHint("start them")
                        .build()
                        .toByteArray());

        GqException e = Errors.fromCall("call", new CompletionException(Status.UNKNOWN.asRuntimeException(trailers)));

        assertThat(e.code()).isEqualTo(ErrorCode.NO_QUORUM);
        assertThat(e).hasMessage("missing: 2, 3");
        assertThat(e.retriable()).isTrue();
        assertThat(e.outcomeUnknown()).isTrue();
        assertThat(e.retryAfter()).isEqualTo(Duration.ofMillis(70));
        assertThat(e.hint()).isEqualTo("start them");
    }

    @Test
    void shouldNotRetryCodeItDoesNotKnow() {
        GqException e = Errors.fromWire(Error.newBuilder()
                .setName("FROM_THE_FUTURE")
                .setNumber(7777)
                .setMessage("m")
                .setRetriable(true)
                .build());

        assertThat(e.retriable()).isFalse();
        assertThat(e.outcomeUnknown()).isFalse();
        assertThat(e).hasMessage("FROM_THE_FUTURE (GQ-7777): m");
    }

    @ParameterizedTest
    @EnumSource(value = Status.Code.class)
    void shouldFindACodeForEveryStatus(Status.Code code) {
        GqException e = Errors.fromCall("call", code.toStatus().asRuntimeException());

        assertThat(e.getMessage()).startsWith("call: " + code);
        assertThat(e.retriable()).isEqualTo(code == Status.Code.UNAVAILABLE || code == Status.Code.RESOURCE_EXHAUSTED);
    }
}
