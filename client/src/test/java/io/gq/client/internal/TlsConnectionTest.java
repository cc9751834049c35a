package io.gq.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gq.client.BrokerAddress;
import io.gq.client.ClientConfig;
import io.gq.client.ClientTls;
import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.gq.testing.Seeds;
import io.gq.testing.TestCertificates;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that asks for a certificate. */
class TlsConnectionTest {

    @TempDir
    private static Path keys;

    private static TestCertificates ours;
    private static TestCertificates foreign;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        ours = TestCertificates.make(Files.createDirectory(keys.resolve("ours")), "broker", "alice");
        foreign = TestCertificates.make(Files.createDirectory(keys.resolve("foreign")), "alice");
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.forServer(
                                ours.certFile("broker").toFile(),
                                ours.keyFile("broker").toFile())
                        .trustManager(ours.caFile().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .addService(new Hello())
                .build()
                .start();
    }

    @AfterAll
    static void stop() {
        server.shutdownNow();
    }

    @Test
    void shouldConnectWhenBothSidesAreTrusted() {
        assertThat(connect(Optional.of(
                        ClientTls.trusting(ours.caFile()).showing(ours.certFile("alice"), ours.keyFile("alice")))))
                .isNull();
    }

    @Test
    void shouldSayThatTheBrokerIsOutOfReachWhenOneSideIsNotTrusted() {
        List<Optional<ClientTls>> refused = List.of(
                Optional.empty(),
                Optional.of(ClientTls.trusting(ours.caFile())),
                Optional.of(ClientTls.ofMachine().showing(ours.certFile("alice"), ours.keyFile("alice"))),
                Optional.of(ClientTls.trusting(ours.caFile())
                        .showing(foreign.certFile("alice"), foreign.keyFile("alice"))));

        assertThat(refused)
                .allSatisfy(tls -> assertThat(connect(tls))
                        .isInstanceOfSatisfying(
                                GqException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE)));
        assertThat(connect(refused.get(2))).hasMessageContaining("certification path");
    }

    @Test
    void shouldRefuseFilesThatAreOfNoUse() {
        Path absent = keys.resolve("absent.pem");
        assertThatThrownBy(() -> GqClient.builder()
                        .bootstrap("127.0.0.1:9")
                        .tls(ClientTls.trusting(absent))
                        .build())
                .isInstanceOfSatisfying(
                        GqException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
                .hasMessageContaining("absent.pem");
        assertThatThrownBy(() -> new ClientTls(Optional.empty(), Optional.of(absent), Optional.empty()))
                .hasMessageContaining("both or none");
    }

    private static Throwable connect(Optional<ClientTls> tls) {
        BrokerAddress address = new BrokerAddress("127.0.0.1", server.getPort());
        ClientConfig plain = ClientConfig.of(List.of(address));
        ClientConfig config = new ClientConfig(
                plain.bootstrap(),
                plain.clientName(),
                plain.clusterId(),
                plain.connectTimeout(),
                plain.requestTimeout(),
                plain.metadataMaxAge(),
                plain.keepAlive(),
                plain.retryBackoff(),
                plain.retryBackoffMax(),
                tls);
        try (Connections connections =
                new Connections(config, System::nanoTime, Seeds.of(1).random())) {
            return Errors.unwrap(catchThrowable(() -> connections.to(address).join()));
        }
    }

    private static final class Hello extends BrokerGrpc.BrokerImplBase {
        @Override
        public void hello(HelloRequest request, StreamObserver<HelloResponse> out) {
            out.onNext(HelloResponse.newBuilder()
                    .setClusterId("one")
                    .setNodeId(1)
                    .setApiVersionMin(1)
                    .setApiVersionMax(1)
                    .setMessageBytesMax(1 << 20)
                    .build());
            out.onCompleted();
        }
    }
}
