package io.gq.broker.grpc;

import io.gq.broker.security.Authorizer;
import io.gq.broker.security.MethodTable;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;

/** Every call passes here: it gets the principal of its connection, and is refused where the authorizer does not allow its method. */
final class CallGate implements ServerInterceptor {

    private final Authorizer authorizer;
    private final FrontDoorMetrics metrics;

    CallGate(Authorizer authorizer, FrontDoorMetrics metrics) {
        this.authorizer = authorizer;
        this.metrics = metrics;
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
            return Contexts.interceptCall(
                    Context.current().withValue(Connection.CONTEXT, connection), call, headers, next);
        } catch (BrokerException e) {
            metrics.refused(e.code());
            StatusRuntimeException status = ErrorMapping.toStatus(e);
            Metadata trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
    }
}
