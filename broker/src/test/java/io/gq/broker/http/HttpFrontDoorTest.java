package io.gq.broker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.broker.config.HostPort;
import io.gq.broker.config.Listener;
import io.gq.broker.grpc.GrpcFrontDoor;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpFrontDoorTest {

    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile List<String> missing = List.of("group orders-3: no leader", "cluster \"a\": not founded");
    private HttpFrontDoor endpoint;

    @BeforeEach
    void start() throws IOException {
        Map<String, Supplier<String>> metrics = Map.of("/metrics", () -> "gq_some 1\n", "/broken", () -> {
            throw new IllegalStateException("defect");
        });
        endpoint = HttpFrontDoor.start(listener(0), executor, () -> missing, metrics);
    }

    @AfterEach
    void stop() {
        endpoint.stop();
        executor.shutdownNow();
    }

    @Test
    void shouldAnswerReadyOnlyWhenNothingIsMissing() throws Exception {
        HttpResponse<String> notReady = send("GET", "/health/ready");
        assertThat(notReady.statusCode()).isEqualTo(503);
        assertThat(notReady.body().trim())
                .isEqualTo("{\"reasons\":[\"group orders-3: no leader\",\"cluster \\\"a\\\": not founded\"],"
                        + "\"status\":\"not ready\"}");
        missing = List.of();
        HttpResponse<String> ready = send("GET", "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body().trim()).isEqualTo("{\"status\":\"ready\"}");
        assertThat(ready.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
    }

    @Test
    void shouldBeLiveEvenWhenNotReady() throws Exception {
        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldServeMetricsAsText() throws Exception {
        HttpResponse<String> metrics = send("GET", "/metrics");
        assertThat(metrics.body()).isEqualTo("gq_some 1\n");
        assertThat(metrics.headers().firstValue("Content-Type").orElse("")).contains("version=0.0.4");
        assertThat(send("HEAD", "/metrics").body()).isEmpty();
    }

    @Test
    void shouldAnswerInJsonWhenThePathOrMethodIsWrongOrThePageFails() throws Exception {
        HttpResponse<String> unknown = send("GET", "/nothing");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("{\"error\":\"path: /nothing", "/health/ready", "/metrics");
        assertThat(send("POST", "/metrics").statusCode()).isEqualTo(405);
        assertThat(send("GET", "/broken").statusCode()).isEqualTo(500);
    }

    @Test
    void shouldReportAPortThatIsTakenAsSuch() {
        Listener taken = listener(endpoint.port());
        assertThatThrownBy(() -> HttpFrontDoor.start(taken, executor, List::of, Map.of()))
                .isInstanceOfSatisfying(IOException.class, e -> {
                    BrokerException mapped = GrpcFrontDoor.bindFailure(taken, e);
                    assertThat(mapped.code()).isEqualTo(ErrorCode.ADDRESS_IN_USE);
                    assertThat(mapped)
                            .hasMessageContaining("listeners.http.bind")
                            .hasMessageContaining("is taken");
                });
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static Listener listener(int port) {
        HostPort address = new HostPort("127.0.0.1", port);
        return new Listener(Listener.HTTP, address, address, Listener.Protocol.PLAINTEXT, Optional.empty(), false);
    }
}
