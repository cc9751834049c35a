package io.gq.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.SnapshotReader;
import io.gq.proto.v1.SnapshotFrames;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotSenderTest {

    private final Call call = new Call();
    private final Source source = new Source();

    @Test
    void shouldSendSmallFramesTogetherAndInOrder() {
        for (int i = 0; i < 10_000; i++) {
            source.frames.add(frame(i, 100));
        }

        new SnapshotSender(call, source).start();
        call.pump();

        assertThat(call.messages).hasSizeBetween(3, 5).allSatisfy(message -> {
            assertThat(message.getSerializedSize()).isLessThan(320 << 10);
            assertThat(message.getTerm()).isEqualTo(3);
            assertThat(message.getIndex()).isEqualTo(77);
        });
        assertThat(call.numbers()).hasSize(10_000).isSorted();
        assertThat(call.completed).isTrue();
        assertThat(source.closed).isTrue();
    }

    @Test
    void shouldWaitWhereTheReceiverDoes() {
        for (int i = 0; i < 5; i++) {
            source.frames.add(frame(i, 200 << 10));
        }
        call.room = 1;

        new SnapshotSender(call, source).start();
        call.pump();
        assertThat(call.numbers()).containsExactly(0, 1);
        assertThat(call.completed).isFalse();

        call.room = 10;
        call.pump();
        assertThat(call.numbers()).containsExactly(0, 1, 2, 3, 4);
        assertThat(call.completed).isTrue();
    }

    /** The receiver keeps them, and may find what comes next on another replica. */
    @Test
    void shouldSendWhatWasReadBeforeAFailure() {
        source.frames.add(frame(0, 10));
        source.frames.add(frame(1, 10));
        source.failure = new IOException("rotten");

        new SnapshotSender(call, source).start();
        call.pump();

        assertThat(call.numbers()).containsExactly(0, 1);
        assertThat(call.error).isNotNull();
        assertThat(call.completed).isFalse();
        assertThat(source.failures).as("not asked again").isEqualTo(1);
        assertThat(source.closed).isTrue();
    }

    @Test
    void shouldLetGoOfTheSnapshotWhenTheReceiverIsGone() {
        source.frames.add(frame(0, 10));

        new SnapshotSender(call, source).start();
        call.cancel();
        call.pump();

        assertThat(source.closed).isTrue();
        assertThat(call.messages).isEmpty();
    }

    private static ByteBuffer frame(int number, int bytes) {
        return ByteBuffer.allocate(bytes).putInt(0, number);
    }

    private static final class Source implements SnapshotReader {
        final Queue<ByteBuffer> frames = new ArrayDeque<>();

        @Nullable
        IOException failure;

        int failures;
        boolean closed;

        @Override
        public LogPosition position() {
            return new LogPosition(3, 77);
        }

        @Override
        public @Nullable ByteBuffer next() throws IOException {
            if (frames.isEmpty() && failure != null) {
                failures++;
                throw failure;
            }
            return frames.poll();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class Call extends ServerCallStreamObserver<SnapshotFrames> {
        final List<SnapshotFrames> messages = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        boolean completed;

        @Nullable
        Throwable error;

        private Runnable onReady = () -> {};
        private Runnable onCancel = () -> {};

        void pump() {
            onReady.run();
        }

        void cancel() {
            onCancel.run();
        }

        List<Integer> numbers() {
            return messages.stream()
                    .flatMap(message -> message.getFrameList().stream())
                    .map(ByteString::asReadOnlyByteBuffer)
                    .map(frame -> frame.getInt(0))
                    .toList();
        }

        @Override
        public boolean isReady() {
            return messages.size() < room;
        }

        @Override
        public void onNext(SnapshotFrames message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable cause) {
            error = cause;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = handler;
        }

        @Override
        public void setOnCloseHandler(Runnable handler) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
