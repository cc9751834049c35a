package io.gq.broker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gq.broker.config.Listener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP listener: {@code /health/live}, {@code /health/ready} (200 or 503, with the reasons) and the metrics. Everything but the
 * metrics is JSON.
 */
public final class HttpFrontDoor {

    private static final Logger log = LoggerFactory.getLogger(HttpFrontDoor.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_TYPE = "application/json; charset=utf-8";
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final Map<String, Supplier<Answer>> pages = new TreeMap<>();

    private record Answer(int status, String type, String body) {}

    private HttpFrontDoor(HttpServer server) {
        this.server = server;
    }

    /**
     * Listens and answers.
     *
     * @param executor runs requests
     * @param metrics pages of metrics by path, in the Prometheus text format; may be empty
     * @throws IOException where the address cannot be bound
     */
    public static HttpFrontDoor start(
            Listener listener, Executor executor, HealthView health, Map<String, Supplier<String>> metrics)
            throws IOException {
        HttpServer server = HttpServer.create(
                new InetSocketAddress(listener.bind().host(), listener.bind().port()), BACKLOG);
        HttpFrontDoor endpoint = new HttpFrontDoor(server);
        endpoint.pages.put("/health/live", () -> health("live", health.notLiveReasons()));
        endpoint.pages.put("/health/ready", () -> health("ready", health.notReadyReasons()));
        metrics.forEach((path, text) -> endpoint.pages.put(path, () -> new Answer(200, METRICS_TYPE, text.get())));
        server.createContext("/", endpoint::handle);
        server.setExecutor(executor);
        server.start();
        log.info(
                "listening listener={} address={}",
                listener.name(),
                listener.bind().withPort(endpoint.port()));
        return endpoint;
    }

    /** The port bound. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Stops at once. */
    public void stop() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            Answer answer = head || exchange.getRequestMethod().equals("GET")
                    ? get(exchange.getRequestURI().getPath())
                    : error(405, "method: " + exchange.getRequestMethod() + " (expected: GET or HEAD)");
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        } catch (IOException e) {
            log.debug("http answer not sent error={}", e.toString());
        }
    }

    private Answer get(String path) {
        Supplier<Answer> page = pages.get(path);
        if (page == null) {
            return error(404, "path: " + path + " (expected: one of " + String.join(", ", pages.keySet()) + ")");
        }
        try {
            return page.get();
        } catch (RuntimeException e) {
            log.error("http page failed path={}", path, e);
            return error(500, "path: " + path + " failed: " + e);
        }
    }

    private static Answer health(String state, List<String> reasons) {
        return reasons.isEmpty()
                ? json(200, Map.of("status", state))
                : json(503, new TreeMap<>(Map.of("status", "not " + state, "reasons", reasons)));
    }

    private static Answer error(int status, String message) {
        return json(status, Map.of("error", message));
    }

    private static Answer json(int status, Map<String, ?> body) {
        try {
            return new Answer(status, JSON_TYPE, JSON.writeValueAsString(body) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not writable as JSON: " + body, e);
        }
    }
}
