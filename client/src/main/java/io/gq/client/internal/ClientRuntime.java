package io.gq.client.internal;

import io.gq.client.ClientConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the producers, consumers and admins of one client share: connections, metadata, a loop thread, and the things from outside
 * (time, chance, threads). Safe for use by many threads.
 */
public final class ClientRuntime implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientRuntime.class);

    private final ClientConfig config;
    private final Outside outside;
    private final LoopThread loop;
    private final Connections connections;
    private final MetadataCache metadata;
    private final List<AutoCloseable> children = new ArrayList<>();

    /**
     * Time, chance and threads.
     *
     * @param clock labels records
     * @param nanoTime measures waits; has nothing to do with the time of day
     * @param random safe for use by many threads
     */
    public record Outside(InstantSource clock, LongSupplier nanoTime, RandomGenerator random, NamedThreads threads) {}

    /** Makes threads that carry a name. */
    @FunctionalInterface
    public interface NamedThreads {
        ThreadFactory named(String name);
    }

    public ClientRuntime(ClientConfig config, Outside outside) {
        this.config = config;
        this.outside = outside;
        this.connections = new Connections(config, outside.nanoTime(), outside.random());
        this.loop = new LoopThread(outside.threads().named("gq-client"));
        this.metadata = new MetadataCache(config, connections, loop, outside.nanoTime(), outside.random());
        metadata.start();
    }

    public ClientConfig config() {
        return config;
    }

    public Outside outside() {
        return outside;
    }

    public LoopThread loop() {
        return loop;
    }

    public Connections connections() {
        return connections;
    }

    public MetadataCache metadata() {
        return metadata;
    }

    public Backoff newBackoff() {
        return new Backoff(outside.random(), config.retryBackoff(), config.retryBackoffMax());
    }

    /** Closes the child when the client is closed before it. */
    public synchronized void adopt(AutoCloseable child) {
        children.add(child);
    }

    public synchronized void release(AutoCloseable child) {
        children.remove(child);
    }

    @Override
    public void close() {
        List<AutoCloseable> left;
        synchronized (this) {
            left = List.copyOf(children);
            children.clear();
        }
        for (AutoCloseable child : left) {
            try {
                child.close();
            } catch (Exception e) {
                LOG.warn("close failed", e);
            }
        }
        connections.close();
        loop.close();
    }
}
