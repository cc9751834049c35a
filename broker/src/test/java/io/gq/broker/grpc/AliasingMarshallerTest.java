package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.ProduceRequest;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AliasingMarshallerTest {

    private final AliasingMarshaller<ProduceRequest> marshaller =
            new AliasingMarshaller<>(BrokerGrpc.getProduceMethod().getRequestMarshaller(), ProduceRequest.parser());

    @Test
    void shouldParseWhatTheOrdinaryMarshallerParses() {
        ProduceRequest request = ProduceCall.request(5, "logs", 3, 5000);
        assertThat(marshaller.parse(new Frame(request.toByteArray()))).isEqualTo(request);
        assertThat(marshaller.parse(new ByteArrayInputStream(request.toByteArray())))
                .isEqualTo(request);
        assertThat(marshaller.parse(marshaller.stream(request))).isEqualTo(request);
        assertThat(marshaller.parse(new Frame(new byte[0]))).isEqualTo(ProduceRequest.getDefaultInstance());
    }

    @Test
    void shouldGiveAWritableViewOfTheFrameAndNoCopy() {
        ProduceRequest parsed = marshaller.parse(
                new Frame(ProduceCall.request(5, "logs", 3, 5000).toByteArray()));

        ByteBuffer batch = AliasingMarshaller.writable(parsed.getBatch());
        assertThat(batch.remaining()).isEqualTo(5000);
        batch.put(10, (byte) 99);
        // the message sees the change: both are views of one array
        assertThat(parsed.getBatch().byteAt(10)).isEqualTo((byte) 99);
    }

    @Test
    void shouldCopyWhenTheBytesLieInSeveralPieces() {
        ByteString rope = ByteString.copyFrom(new byte[3000]).concat(ByteString.copyFrom(new byte[3000]));
        ByteBuffer copy = AliasingMarshaller.writable(rope);
        assertThat(copy.remaining()).isEqualTo(6000);
        assertThat(copy.isReadOnly()).isFalse();
    }

    @Test
    void shouldRefuseGarbageAndTruncatedFrames() {
        byte[] whole = ProduceCall.request(5, "logs", 3, 50).toByteArray();
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            try {
                marshaller.parse(new Frame(cut));
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
        assertThatThrownBy(() -> marshaller.parse(new Frame(java.util.Arrays.copyOf(whole, whole.length - 1))))
                .isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> marshaller.parse(new Frame(new byte[] {(byte) 0x0c})))
                .as("an end-group tag")
                .isInstanceOf(StatusRuntimeException.class);
    }

    /** A frame as gRPC hands it over: its length is known. */
    private static final class Frame extends ByteArrayInputStream implements KnownLength {
        Frame(byte[] bytes) {
            super(bytes);
        }
    }
}
