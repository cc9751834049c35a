package io.gq.client;

import io.gq.client.admin.Admin;
import io.gq.client.consumer.Consumer;
import io.gq.client.internal.ClientRuntime;
import io.gq.client.producer.Producer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadFactory;

/**
 * A client of one cluster. Producers, consumers and admins made from it share its connections and what it knows of the cluster.
 * Safe for use by many threads.
 *
 * <pre>{@code
 * try (GqClient client = GqClient.connect("127.0.0.1:9092"); Producer producer = client.producer().build()) {
 *     producer.send(ProducerRecord.of("logs", "hello".getBytes(UTF_8)));
 * }
 * }</pre>
 */
public final class GqClient implements AutoCloseable {

    private final ClientRuntime runtime;

    private GqClient(ClientRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * A client with defaults. Nothing is sent before it is used, so an address where nobody listens is found out later.
     *
     * @param bootstrap {@code host:port,host:port,...}: brokers to ask first
     */
    public static GqClient connect(String bootstrap) {
        return builder().bootstrap(bootstrap).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A producer to be set up and built. */
    public Producer.Builder producer() {
        return new Producer.Builder(runtime);
    }

    /** A consumer to be set up and built. */
    public Consumer.Builder consumer() {
        return new Consumer.Builder(runtime);
    }

    /** Topics and the cluster. */
    public Admin admin() {
        return new Admin(runtime);
    }

    /** Closes what was made from this client and is still open, each after its own rules, and then the connections. */
    @Override
    public void close() {
        runtime.close();
    }

    /** Sets a client up. */
    public static final class Builder {
        private List<BrokerAddress> bootstrap = List.of();
        private Optional<String> clusterId = Optional.empty();
        private String clientName = "gq-java";
        private Duration requestTimeout = Duration.ofSeconds(2);
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration metadataMaxAge = Duration.ofSeconds(60);
        private Optional<ClientTls> tls = Optional.empty();

        private Builder() {}

        /** Brokers to ask first, {@code host:port,host:port,...}. */
        public Builder bootstrap(String addresses) {
            bootstrap = BrokerAddress.parseList(addresses);
            return this;
        }

        /** Brokers to ask first. */
        public Builder bootstrap(List<BrokerAddress> addresses) {
            bootstrap = List.copyOf(addresses);
            return this;
        }

        /** The only cluster to talk to. Default: the first one that answers. */
        public Builder clusterId(String id) {
            clusterId = Optional.of(id);
            return this;
        }

        /** How the client names itself to brokers. Default {@code gq-java}. */
        public Builder clientName(String name) {
            clientName = name;
            return this;
        }

        /** A broker silent for so long is given up. Default 2 s. */
        public Builder requestTimeout(Duration timeout) {
            requestTimeout = timeout;
            return this;
        }

        /** From the start of a connection to its answered greeting. Default 2 s. */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        /** Metadata older than this is asked for again. Default 60 s. */
        public Builder metadataMaxAge(Duration age) {
            metadataMaxAge = age;
            return this;
        }

        /** Talks TLS, to every broker. Default: plaintext. */
        public Builder tls(ClientTls settings) {
            tls = Optional.of(settings);
            return this;
        }

        /** @throws GqException INVALID_CONFIG where the files given to {@link #tls} are of no use */
        public GqClient build() {
            ClientConfig defaults = ClientConfig.of(bootstrap);
            ClientConfig config = new ClientConfig(
                    bootstrap,
                    clientName,
                    clusterId,
                    connectTimeout,
                    requestTimeout,
                    metadataMaxAge,
                    defaults.keepAlive(),
                    defaults.retryBackoff(),
                    defaults.retryBackoffMax(),
                    tls);
            return new GqClient(new ClientRuntime(
                    config,
                    new ClientRuntime.Outside(
                            InstantSource.system(), System::nanoTime, new Random(), Builder::daemons)));
        }

        private static ThreadFactory daemons(String name) {
            return task -> {
                Thread thread = new Thread(task, name);
                thread.setDaemon(true);
                return thread;
            };
        }
    }
}
