package io.gq.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GqBenchTest {

    private final FakeDriver cluster = new FakeDriver();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void shouldReportProduceAsJsonAndDeleteItsTopic() throws Exception {
        assertThat(run("produce", "--rate", "500", "--warm-up", "0s", "--time", "200ms", "-o", "json"))
                .isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString(UTF_8));
        assertThat(json.get("work").asText()).isEqualTo("produce");
        assertThat(json.get("publish_ms").get("count").asInt()).isEqualTo(100);
        assertThat(json.get("publish_ms").get("p99").asDouble()).isPositive();
        assertThat(json.get("mb_per_s").asDouble()).isPositive();
        assertThat(cluster.topics).isEmpty();
        assertThat(cluster.deleted).hasSize(1);
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void shouldReportEndToEndAsTable() {
        assertThat(run("e2e", "--warm-up", "0s", "--time", "200ms")).isZero();

        assertThat(out.toString(UTF_8)).contains("e2e: ", "publish", "end to end", "p99.9");
    }

    @Test
    void shouldFillAndRead() {
        assertThat(run("consume", "--fill", "1MB", "--warm-up", "0s", "--time", "100ms"))
                .isZero();

        assertThat(out.toString(UTF_8)).contains("consume: ").doesNotContain("publish");
    }

    @Test
    void shouldHoldIdleClientsAndAskEachAgain() throws Exception {
        assertThat(run("idle", "--clients", "7", "--time", "10ms", "-o", "json"))
                .isZero();

        JsonNode json = new ObjectMapper().readTree(out.toString(UTF_8));
        assertThat(json.get("clients").asInt()).isEqualTo(7);
        assertThat(json.get("connect_ms").get("count").asInt()).isEqualTo(7);
        assertThat(json.get("answer_ms").get("count").asInt()).isEqualTo(7);
        assertThat(cluster.receivers).hasValue(0);
        assertThat(cluster.deleted).hasSize(1);
    }

    @Test
    void shouldSayWhichIdleClientGotNoAnswer() {
        cluster.receiversMax = 3;

        assertThat(run("idle", "--clients", "7", "--time", "10ms")).isEqualTo(1);

        assertThat(err.toString(UTF_8)).contains("client 4 of 7: not connected", "BROKER_UNAVAILABLE");
        assertThat(cluster.receivers).hasValue(0);
        assertThat(run("idle", "--clients", "0")).isEqualTo(2);
    }

    @Test
    void shouldLeaveATopicThatItWasGiven() {
        cluster.topics.put("mine", new ArrayList<>());

        assertThat(run("produce", "--topic", "mine", "--rate", "100", "--warm-up", "0s", "--time", "100ms"))
                .isZero();

        assertThat(cluster.topics.get("mine")).isNotEmpty();
        assertThat(cluster.deleted).isEmpty();
    }

    @Test
    void shouldExplainWrongUsage() {
        assertThat(run("produce", "--time", "soon")).isEqualTo(2);
        assertThat(run("produce", "--size", "0")).isEqualTo(2);
        assertThat(run("consume", "--topic", "empty")).isEqualTo(2);

        assertThat(err.toString(UTF_8))
                .contains("expected: a number with a unit", "--size: 0", "topic: empty is empty");
    }

    @Test
    void shouldSayWhyARecordFailed() {
        cluster.failure = new BrokerException(ErrorCode.DISK_FULL, "disk: full");

        assertThat(run("produce", "--rate", "100", "--time", "1m", "-o", "json"))
                .isEqualTo(1);

        assertThat(err.toString(UTF_8)).contains("DISK_FULL", "disk: full", "\"hint\"");
    }

    private int run(String... args) {
        return new GqBench(
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false,
                        bootstrap -> cluster)
                .run(List.of(args).toArray(String[]::new));
    }
}
