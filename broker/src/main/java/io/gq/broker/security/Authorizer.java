package io.gq.broker.security;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.Principal;
import java.util.List;

/** Decides who may do what. Every call passes one. Safe for use by many threads; must not block. */
@FunctionalInterface
public interface Authorizer {

    boolean allows(Principal principal, Operation operation, Resource resource);

    /** @throws BrokerException UNAUTHORIZED where it is not allowed */
    default void check(Principal principal, Operation operation, Resource resource) {
        if (!allows(principal, operation, resource)) {
            throw new BrokerException(
                    ErrorCode.UNAUTHORIZED,
                    "principal: " + principal + " (expected: one allowed to " + operation + " on " + resource + ")");
        }
    }

    /** Everybody may do everything, except that only brokers may do what brokers do where their names are configured. */
    static Authorizer allowAll(List<String> peerIdentities) {
        boolean peersKnown = !peerIdentities.isEmpty();
        return (principal, operation, resource) ->
                operation != Operation.PEER || !peersKnown || principal.type().equals(Authenticator.BROKER);
    }
}
