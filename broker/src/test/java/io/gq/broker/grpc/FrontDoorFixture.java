package io.gq.broker.grpc;

import io.gq.broker.config.BrokerConfig;
import io.gq.broker.config.ConfigLoader;
import io.gq.broker.config.HostPort;
import io.gq.broker.config.TestFlags;
import io.gq.broker.security.Authorizer;
import io.gq.broker.security.AuthorizingServices;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A front door on a port of loopback, with services answered by hand. */
final class FrontDoorFixture implements AutoCloseable {

    final FakeServices services = new FakeServices();
    final TestScheduler scheduler = new TestScheduler();
    final AtomicLong nanos = new AtomicLong();
    final BrokerConfig config;
    final BrokerEndpoint endpoint;
    final GrpcFrontDoor door;

    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** @param settings "key=value" each */
    FrontDoorFixture(Authorizer authorizer, String... settings) {
        List<String> flags = new ArrayList<>(List.of("--set", "listeners.grpc.bind=127.0.0.1:0"));
        for (String setting : settings) {
            flags.add("--set");
            flags.add(setting);
        }
        config = ConfigLoader.load(TestFlags.of(flags.toArray(String[]::new)), Map.of())
                .config();
        endpoint = new BrokerEndpoint(
                nanos::get,
                scheduler,
                config.produce(),
                config.fetch(),
                AuthorizingServices.produce(authorizer, services),
                AuthorizingServices.fetch(authorizer, services),
                services,
                FrontDoorMetrics.NONE);
        door = new GrpcFrontDoor(
                System::nanoTime, config, executor, authorizer, FrontDoorMetrics.NONE, List.of(endpoint), Map.of());
        door.start();
        door.serving(true);
    }

    FrontDoorFixture(String... settings) {
        this(Authorizer.allowAll(List.of()), settings);
    }

    HostPort address() {
        return door.advertised().get("grpc");
    }

    ManagedChannel channel() {
        return channel("grpc");
    }

    ManagedChannel channel(String listener) {
        HostPort address = door.advertised().get(listener);
        ManagedChannel channel = NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() throws InterruptedException {
        for (ManagedChannel channel : channels) {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
        door.stop(Duration.ofSeconds(1));
        executor.shutdownNow();
    }
}
