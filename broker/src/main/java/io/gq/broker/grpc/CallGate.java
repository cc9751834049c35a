package io.gq.broker.grpc;

import io.gq.broker.security.Authorizer;
import io.gq.broker.security.MethodTable;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.AdminGrpc;
import io.gq.proto.v1.BrokerGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every call passes here: it gets the principal of its connection, and is refused where the authorizer does not allow its method. Counts the
 * calls of clients that are under way, so that a stop can wait for them and for nothing else.
 */
final class CallGate implements ServerInterceptor {

    private final Authorizer authorizer;
    private static final Set<String> OF_CLIENTS = Set.of(BrokerGrpc.SERVICE_NAME, AdminGrpc.SERVICE_NAME);

    private final FrontDoorMetrics metrics;
    private final AtomicInteger underWay = new AtomicInteger();

    CallGate(Authorizer authorizer, FrontDoorMetrics metrics) {
        this.authorizer = authorizer;
        this.metrics = metrics;
    }

    /** Calls of clients that have begun and not ended. Streams between brokers, health watches and reflection end with the connection. */
    int underWay() {
        return underWay.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            Connection connection = call.getAttributes().get(Connection.ATTRIBUTE);
            if (connection == null) {
                throw new BrokerException(ErrorCode.INTERNAL, "connection: none (expected: a tracked connection)");
            }
            String method = call.getMethodDescriptor().getFullMethodName();
            MethodTable.Rule rule = MethodTable.rule(method)
                    .orElseThrow(() -> new BrokerException(
                            ErrorCode.UNAUTHORIZED, "method: " + method + " (expected: one with a permission)"));
            authorizer.check(connection.principal(), rule.operation(), rule.resource());
            ServerCall.Listener<Q> listener = Contexts.interceptCall(
                    Context.current().withValue(Connection.CONTEXT, connection), call, headers, next);
            return OF_CLIENTS.contains(call.getMethodDescriptor().getServiceName()) ? counted(listener) : listener;
        } catch (BrokerException e) {
            metrics.refused(e.code());
            StatusRuntimeException status = ErrorMapping.toStatus(e);
            Metadata trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
    }

    private <Q> ServerCall.Listener<Q> counted(ServerCall.Listener<Q> listener) {
        underWay.incrementAndGet();
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onCancel() {
                underWay.decrementAndGet();
                super.onCancel();
            }

            @Override
            public void onComplete() {
                underWay.decrementAndGet();
                super.onComplete();
            }
        };
    }
}
