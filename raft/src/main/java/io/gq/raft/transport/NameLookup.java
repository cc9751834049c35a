package io.gq.raft.transport;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Looks host names up in a pool: the system's resolver may wait for seconds, and an event loop may not. */
final class NameLookup extends AddressResolverGroup<InetSocketAddress> {

    private interface Lookup<T> {
        T run() throws UnknownHostException;
    }

    private final Executor pool;

    NameLookup(Executor pool) {
        this.pool = pool;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetNameResolver(executor) {
            @Override
            protected void doResolve(String host, Promise<InetAddress> promise) {
                lookUp(promise, () -> InetAddress.getByName(host));
            }

            @Override
            protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                lookUp(promise, () -> List.of(InetAddress.getAllByName(host)));
            }
        }.asAddressResolver();
    }

    private <T> void lookUp(Promise<T> promise, Lookup<T> lookup) {
        try {
            pool.execute(() -> {
                try {
                    promise.trySuccess(lookup.run());
                } catch (UnknownHostException | RuntimeException e) {
                    promise.tryFailure(e);
                }
            });
        } catch (RejectedExecutionException e) {
            promise.tryFailure(e);
        }
    }
}
