package io.gq.broker.grpc;

import com.google.protobuf.ByteString;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.TopicRef;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A produce stream as a client sees it. */
final class ProduceCall implements StreamObserver<ProduceResponse> {

    final BlockingQueue<ProduceResponse> responses = new LinkedBlockingQueue<>();
    /** OK where the stream ended well. */
    final CompletableFuture<Status> end = new CompletableFuture<>();

    private final ClientCallStreamObserver<ProduceRequest> requests;

    ProduceCall(ManagedChannel channel) {
        requests = (ClientCallStreamObserver<ProduceRequest>)
                BrokerGrpc.newStub(channel).produce(this);
    }

    static ProduceRequest request(long id, String topic, int partition, int bytes) {
        byte[] batch = new byte[bytes];
        java.util.Arrays.fill(batch, (byte) id);
        return ProduceRequest.newBuilder()
                .setCorrelationId(id)
                .setTopic(TopicRef.newBuilder().setName(topic))
                .setPartition(partition)
                .setBatch(ByteString.copyFrom(batch))
                .build();
    }

    void send(long id, String topic, int partition, int bytes) {
        requests.onNext(request(id, topic, partition, bytes));
    }

    void send(ProduceRequest request) {
        requests.onNext(request);
    }

    void halfClose() {
        requests.onCompleted();
    }

    void cancel() {
        requests.cancel("test", null);
    }

    ProduceResponse next() throws InterruptedException {
        ProduceResponse next = responses.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no answer arrived; end: " + end);
        }
        return next;
    }

    @Override
    public void onNext(ProduceResponse value) {
        responses.add(value);
    }

    @Override
    public void onError(Throwable t) {
        end.complete(Status.fromThrowable(t));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }
}
