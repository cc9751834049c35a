package io.gq.client.internal;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.gq.proto.v1.AllocateProducerIdRequest;
import io.gq.proto.v1.AllocateProducerIdResponse;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How calls go over a channel. */
public final class Calls {

    /** Fetch, with an answer whose record batches are views of the one array the message was read into. */
    public static final MethodDescriptor<FetchRequest, FetchResponse> FETCH = BrokerGrpc.getFetchMethod().toBuilder(
                    ProtoUtils.marshaller(FetchRequest.getDefaultInstance()), new AliasingFetchMarshaller())
            .build();

    public static final MethodDescriptor<ListOffsetsRequest, ListOffsetsResponse> LIST_OFFSETS =
            BrokerGrpc.getListOffsetsMethod();

    public static final MethodDescriptor<AllocateProducerIdRequest, AllocateProducerIdResponse> ALLOCATE_PRODUCER_ID =
            BrokerGrpc.getAllocateProducerIdMethod();

    private Calls() {}

    /**
     * One request, one answer.
     *
     * @return completes on a thread of the transport: do little there. Cancelling it cancels the call.
     */
    public static <Q, R> CompletableFuture<R> unary(
            Channel channel, MethodDescriptor<Q, R> method, Q request, Duration timeout) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        ClientCall<Q, R> call = channel.newCall(method, options);
        Futures.whenDone(answer, (value, failure) -> {
            if (answer.isCancelled()) {
                call.cancel("not wanted any more", null);
            }
        });
        ClientCalls.asyncUnaryCall(call, request, new StreamObserver<R>() {
            private @Nullable R value;

            @Override
            public void onNext(R next) {
                value = next;
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                R received = value;
                if (received == null) {
                    onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
                } else {
                    answer.complete(received);
                }
            }
        });
        return answer;
    }

    private static final class AliasingFetchMarshaller implements MethodDescriptor.Marshaller<FetchResponse> {

        @Override
        public InputStream stream(FetchResponse value) {
            return value.toByteString().newInput();
        }

        @Override
        public FetchResponse parse(InputStream stream) {
            try {
                CodedInputStream in =
                        UnsafeByteOperations.unsafeWrap(read(stream)).newCodedInput();
                in.enableAliasing(true);
                return FetchResponse.parseFrom(in);
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("unreadable fetch answer")
                        .withCause(e)
                        .asRuntimeException();
            }
        }

        /** In one piece: a stream that knows its length is read into an array of just that size. */
        private static byte[] read(InputStream stream) throws IOException {
            if (!(stream instanceof KnownLength)) {
                return stream.readAllBytes();
            }
            byte[] bytes = new byte[stream.available()];
            if (stream.readNBytes(bytes, 0, bytes.length) != bytes.length) {
                throw new EOFException("message cut short");
            }
            return bytes;
        }
    }
}
