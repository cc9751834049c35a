package io.gq.broker.grpc;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.Principal;
import io.grpc.Attributes;
import io.grpc.Context;

/**
 * One client connection.
 *
 * @param listener the name of the one it came in by: other brokers are told to it by their addresses of the same name
 * @param produceBytes taken from it and not answered yet
 * @param fetchBytes answered on it and not written out yet
 */
public record Connection(
        String listener, Principal principal, String remote, ByteBudget produceBytes, ByteBudget fetchBytes) {

    static final Attributes.Key<Connection> ATTRIBUTE = Attributes.Key.create("gq-connection");
    static final Context.Key<Connection> CONTEXT = Context.key("gq-connection");

    /** The connection of the call that runs on this thread. */
    static Connection current() {
        Connection connection = CONTEXT.get();
        if (connection == null) {
            throw new BrokerException(ErrorCode.INTERNAL, "connection: none (expected: a call through the front door)");
        }
        return connection;
    }

    /** Who made the call that runs on this thread. To be asked for before the first hand-over to another thread. */
    public static Principal currentPrincipal() {
        return current().principal();
    }
}
