package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.it.cluster.RawClient;
import io.gq.it.cluster.SharedCluster;
import io.gq.it.cluster.Topics;
import io.gq.proto.v1.HelloResponse;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a broker shows of itself, and that the words about it are true. */
@Tag("cluster")
@Order(6)
@SharedCluster(SharedCluster.CALM)
class EndpointsTest {

    private static final Path README = Path.of("..", "..", "README.md");

    @Test
    void shouldAnswerEveryAddressOfReadme(ClusterFixture cluster) throws IOException {
        List<String> paths = found("http://127\\.0\\.0\\.1:808\\d(/[a-z/]+)");

        assertThat(paths).contains("/metrics", "/health/ready");
        assertThat(paths)
                .allSatisfy(path -> assertThat(cluster.node(1).get(path))
                        .hasValueSatisfying(
                                answer -> assertThat(answer.statusCode()).isEqualTo(200)));
        assertThat(cluster.node(1).get("/health/live"))
                .hasValueSatisfying(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        assertThat(cluster.node(1).get("/no-such-page"))
                .hasValueSatisfying(answer -> assertThat(answer.statusCode()).isEqualTo(404));
    }

    @Test
    void shouldServeEveryMetricOfReadme(ClusterFixture cluster) throws IOException {
        Topics topics = new Topics(cluster);
        topics.create("counted", 1, 3);
        topics.append("counted", 0, Topics.bytes("x"));
        BrokerProcess leader = topics.leader("counted", 0);

        String scraped = leader.get("/metrics").orElseThrow().body();

        List<String> metrics = found("`(gq_[a-z_]+)`");
        assertThat(metrics)
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(scraped).containsPattern("(?m)^" + metric + "[{ ]"));
    }

    @Test
    void shouldGreetAndReportHealthOverGrpc(ClusterFixture cluster) {
        try (RawClient client = new RawClient(cluster.node(3).address())) {
            HelloResponse hello = client.hello();

            assertThat(hello.getNodeId()).isEqualTo(3);
            assertThat(hello.getClusterId()).isNotEmpty();
            assertThat(hello.getApiVersionMax()).isGreaterThanOrEqualTo(hello.getApiVersionMin());
            assertThat(HealthGrpc.newBlockingStub(client.channel())
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
    }

    private static List<String> found(String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(README))
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .toList();
    }
}
