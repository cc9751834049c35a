package io.gq.client.internal;

import io.gq.client.GqException;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One produce stream to one broker. Requests are sent by one thread, only while {@link #isReady}; answers, readiness and the end
 * are told on threads of the transport, one at a time.
 */
public final class ProduceStream {

    private static final int ANSWERS_AHEAD = 64;
    private static final int READY_BYTES = 1 << 20;

    private final ClientCall<ProduceRequest, ProduceResponse> call;

    /** Who hears of the stream. Must not wait. */
    public interface Listener {
        void answered(ProduceResponse answer);

        /** The stream takes requests again. */
        void ready();

        /** The stream is over; nothing comes after this. */
        void closed(GqException reason);
    }

    /** Opens a stream. */
    public static ProduceStream open(BrokerConnection connection, Listener listener) {
        ClientCall<ProduceRequest, ProduceResponse> call = connection
                .channel()
                .newCall(BrokerGrpc.getProduceMethod(), CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
        ProduceStream stream = new ProduceStream(call);
        call.start(new Answers(call, listener, "produce stream to " + connection.address()), new Metadata());
        call.request(ANSWERS_AHEAD);
        return stream;
    }

    private ProduceStream(ClientCall<ProduceRequest, ProduceResponse> call) {
        this.call = call;
    }

    public boolean isReady() {
        return call.isReady();
    }

    public void send(ProduceRequest request) {
        call.sendMessage(request);
    }

    /** Ends the stream at once; {@link Listener#closed} follows. */
    public void cancel(String why) {
        call.cancel(why, null);
    }

    private static final class Answers extends ClientCall.Listener<ProduceResponse> {
        private final ClientCall<ProduceRequest, ProduceResponse> call;
        private final Listener listener;
        private final String where;

        Answers(ClientCall<ProduceRequest, ProduceResponse> call, Listener listener, String where) {
            this.call = call;
            this.listener = listener;
            this.where = where;
        }

        @Override
        public void onMessage(ProduceResponse answer) {
            listener.answered(answer);
            call.request(1);
        }

        @Override
        public void onReady() {
            listener.ready();
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            Status shown = status.isOk() ? Status.UNAVAILABLE.withDescription("ended by the broker") : status;
            listener.closed(Errors.fromCall(where, shown.asRuntimeException(trailers)));
        }
    }
}
