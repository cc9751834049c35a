package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.NodeId;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.thirdparty.io.grpc.NameResolver;
import org.apache.ratis.thirdparty.io.grpc.NameResolverRegistry;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.SynchronizationContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PeerResolverTest {

    private static final NodeId NODE = new NodeId(4711);

    private final AddressBook book = new AddressBook();
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void enter() {
        PeerResolver.add(book);
    }

    @AfterEach
    void leave() {
        PeerResolver.remove(book);
    }

    @Test
    void shouldFollowTheNodeWhenItMoves() {
        NameResolver resolver = resolver("gq:///partitions/4711");
        resolver.start(listener());
        assertThat(seen).containsExactly("UNAVAILABLE");

        book.put(RaftHostKind.PARTITIONS, NODE, "127.0.0.1", 8001);
        book.put(RaftHostKind.PARTITIONS, NODE, "127.0.0.1", 8001);
        book.put(RaftHostKind.CONTROLLER, NODE, "127.0.0.1", 8101);
        book.put(RaftHostKind.PARTITIONS, NODE, "127.0.0.1", 9001);

        assertThat(seen)
                .contains("/127.0.0.1:8001")
                .doesNotContain("/127.0.0.1:8101")
                .endsWith("/127.0.0.1:9001");
        assertThat(resolver.getServiceAuthority()).isEqualTo("partitions-4711");
        int before = seen.size();
        resolver.shutdown();
        book.put(RaftHostKind.PARTITIONS, NODE, "127.0.0.1", 9002);
        assertThat(seen).hasSize(before);
        assertThat(book.find(RaftHostKind.PARTITIONS, NODE))
                .contains(InetSocketAddress.createUnresolved("127.0.0.1", 9002));
    }

    @Test
    void shouldSayUnavailableWhenTheHostHasNoAddress() {
        book.put(RaftHostKind.CONTROLLER, NODE, "host.invalid", 1);
        NameResolver resolver = resolver("gq:///controller/4711");

        resolver.start(listener());

        assertThat(seen).containsExactly("UNAVAILABLE");
        resolver.shutdown();
    }

    @Test
    void shouldRefuseAddressesOfAnotherForm() {
        assertThatThrownBy(() -> resolver("gq:///somewhere/1")).isInstanceOf(IllegalArgumentException.class);
        assertThat(RaftHostKind.CONTROLLER.address(NODE)).isEqualTo("gq:///controller/4711");
    }

    private static NameResolver resolver(String address) {
        NameResolver.Args args = NameResolver.Args.newBuilder()
                .setDefaultPort(80)
                .setProxyDetector(target -> null)
                .setSynchronizationContext(new SynchronizationContext((thread, e) -> {}))
                .setServiceConfigParser(new NameResolver.ServiceConfigParser() {
                    @Override
                    public NameResolver.ConfigOrError parseServiceConfig(java.util.Map<String, ?> raw) {
                        return NameResolver.ConfigOrError.fromConfig(raw);
                    }
                })
                .build();
        return NameResolverRegistry.getDefaultRegistry().asFactory().newNameResolver(URI.create(address), args);
    }

    private NameResolver.Listener2 listener() {
        return new NameResolver.Listener2() {
            @Override
            public void onResult(NameResolver.ResolutionResult result) {
                result.getAddressesOrError()
                        .getValue()
                        .forEach(group -> group.getAddresses().forEach(address -> seen.add(address.toString())));
            }

            @Override
            public void onError(Status error) {
                seen.add(error.getCode().name());
            }
        };
    }
}
