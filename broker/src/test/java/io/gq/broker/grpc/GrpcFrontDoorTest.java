package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.gq.broker.config.ListenerTls;
import io.gq.broker.security.Authorizer;
import io.gq.broker.security.Operation;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.Principal;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.MetadataRequest;
import io.gq.testing.TestCertificates;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GrpcFrontDoorTest {

    @Test
    void shouldNameThePortWhenItIsTaken() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            String taken = f.address().toString();
            assertThatThrownBy(() -> new FrontDoorFixture("listeners.grpc.bind=" + taken).close())
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE))
                    .hasMessageContaining("listeners.grpc.bind: " + taken)
                    .hasMessageContaining("port " + f.address().port() + " is taken");
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenTheAddressIsNotThisMachines() {
        assertThatThrownBy(() -> new FrontDoorFixture("insecure=true", "listeners.grpc.bind=192.0.2.1:45678").close())
                .hasMessageContaining("an address of this machine");
        assertThatThrownBy(() ->
                        new FrontDoorFixture("insecure=true", "listeners.grpc.bind=no-such-host.invalid:45678").close())
                .hasMessageContaining("a host that resolves");
    }

    @Test
    void shouldReportHealthForTheServerAndItsService() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(f.channel());
            HealthCheckRequest broker =
                    HealthCheckRequest.newBuilder().setService("gq.v1.Broker").build();
            assertThat(health.check(broker).getStatus()).isEqualTo(ServingStatus.SERVING);
            f.door.serving(false);
            assertThat(health.check(broker).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.NOT_SERVING);
        }
    }

    @Test
    void shouldDescribeItsServicesByReflection() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture()) {
            ServerReflectionResponse services = reflect(
                    f.channel(),
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            assertThat(services.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName))
                    .contains("gq.v1.Broker", "grpc.health.v1.Health");
            ServerReflectionResponse file = reflect(
                    f.channel(),
                    ServerReflectionRequest.newBuilder()
                            .setFileContainingSymbol("gq.v1.Broker.Produce")
                            .build());
            assertThat(file.getFileDescriptorResponse().getFileDescriptorProtoCount())
                    .isPositive();
        }
    }

    @Test
    void shouldCloseAConnectionAboveTheLimitAndTakeOneAgainWhenAnotherIsGone() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("server.connections_max=2")) {
            ManagedChannel first = f.channel();
            hello(first);
            hello(f.channel());
            assertThatThrownBy(() -> hello(f.channel())).isInstanceOf(StatusRuntimeException.class);
            hello(first);

            first.shutdownNow();
            await().untilAsserted(() -> hello(f.channel()));
        }
    }

    @Test
    void shouldRefuseHeadersAboveTheLimit() throws Exception {
        try (FrontDoorFixture f = new FrontDoorFixture("server.header_bytes_max=2KB")) {
            Metadata large = new Metadata();
            large.put(Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(4000));
            BrokerGrpc.BrokerBlockingStub stub = BrokerGrpc.newBlockingStub(f.channel())
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(large));
            assertThatThrownBy(() -> stub.hello(HelloRequest.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class);
        }
    }

    @Test
    void shouldRefuseWithOurErrorWhenTheAuthorizerDoesNotAllowTheMethod() throws Exception {
        Authorizer noMetadata = (principal, operation, resource) -> operation != Operation.DESCRIBE;
        try (FrontDoorFixture f = new FrontDoorFixture(noMetadata)) {
            hello(f.channel());
            StatusRuntimeException e = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> BrokerGrpc.newBlockingStub(f.channel()).metadata(MetadataRequest.getDefaultInstance()));
            assertThat(ErrorMapping.toBrokerException(e).code()).isEqualTo(ErrorCode.UNAUTHORIZED);
            assertThat(e.getTrailers()).isNotNull();
        }
    }

    @Test
    void shouldKnowTheCallerByItsCertificateWhenTlsIsRequired(@TempDir Path dir) throws Exception {
        TestCertificates certificates = TestCertificates.make(dir, "server", "broker2", "alice");
        ListenerTls broker2 = tls(certificates, "broker2");
        AtomicReference<Principal> seen = new AtomicReference<>();
        Authorizer recording = (principal, operation, resource) -> {
            seen.set(principal);
            return true;
        };
        try (FrontDoorFixture f = new FrontDoorFixture(
                recording,
                "listeners.grpc.protocol=tls",
                "listeners.grpc.tls.cert_file=" + certificates.certFile("server"),
                "listeners.grpc.tls.key_file=" + certificates.keyFile("server"),
                "listeners.grpc.tls.ca_file=" + certificates.caFile(),
                "peer_identities=broker1,broker2")) {
            helloOverTls(f, broker2);
            assertThat(seen.get()).isEqualTo(new Principal("broker", "broker2"));
            helloOverTls(f, tls(certificates, "alice"));
            assertThat(seen.get()).isEqualTo(new Principal("user", "alice"));
            seen.set(null);
            assertThatThrownBy(() -> hello(f.channel())).isInstanceOf(StatusRuntimeException.class);
            assertThat(seen).hasNullValue();
        }
    }

    @Test
    void shouldNameTheListenerWhenItsCertificateIsUnusable(@TempDir Path dir) throws Exception {
        Path junk = java.nio.file.Files.writeString(dir.resolve("junk.pem"), "junk");
        ListenerTls tls = new ListenerTls(junk, junk, Optional.empty(), ListenerTls.ClientAuth.NONE);
        assertThatThrownBy(() -> TlsContexts.server("grpc", tls)).hasMessageContaining("listeners.grpc.tls");
        assertThatThrownBy(() -> TlsContexts.client("grpc", tls)).hasMessageContaining("listeners.grpc.tls");
    }

    private static ListenerTls tls(TestCertificates certificates, String name) {
        return new ListenerTls(
                certificates.certFile(name),
                certificates.keyFile(name),
                Optional.of(certificates.caFile()),
                ListenerTls.ClientAuth.REQUIRED);
    }

    private static void hello(ManagedChannel channel) {
        BrokerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .hello(HelloRequest.getDefaultInstance());
    }

    private static void helloOverTls(FrontDoorFixture f, ListenerTls tls) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "localhost", f.address().port())
                .sslContext(TlsContexts.client("grpc", tls))
                .build();
        try {
            hello(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ServerReflectionResponse reflect(ManagedChannel channel, ServerReflectionRequest request)
            throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse value) {
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable t) {
                        answer.completeExceptionally(t);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new AssertionError("no answer"));
                    }
                });
        requests.onNext(request);
        ServerReflectionResponse response = answer.get(10, TimeUnit.SECONDS);
        requests.onCompleted();
        return response;
    }
}
