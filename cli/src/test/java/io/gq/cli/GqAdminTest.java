package io.gq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.fake.FakeCluster;
import io.gq.core.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GqAdminTest {

    private final FakeCluster cluster = FakeCluster.start(3);
    private final CliHarness cli = new CliHarness(cluster);

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldMakeShowChangeAndDeleteTopic() {
        assertThat(cli.admin(
                        "create-topic",
                        "logs",
                        "--partitions",
                        "3",
                        "--replicas",
                        "3",
                        "--config",
                        "retention_ms=1000"))
                .as(cli.errText())
                .isZero();
        assertThat(cli.outText()).startsWith("topic logs (").contains("config retention_ms=1000");

        assertThat(cli.admin("list-topics")).isZero();
        assertThat(cli.outText().lines().toList().get(1)).matches("logs +3 +3 +0");

        assertThat(cli.admin("describe-topic", "logs")).isZero();
        assertThat(cli.outText()).contains("LEADER").contains("FOLLOWER");

        assertThat(cli.admin("alter-topic", "logs", "--set", "retention_bytes=5", "--unset", "retention_ms"))
                .isZero();
        assertThat(cli.outText()).contains("config retention_bytes=5\n");

        assertThat(cli.admin("add-partitions", "logs", "--partitions", "5")).isZero();
        assertThat(cli.admin("transfer-leader", "logs", "--partition", "4", "--to", "3"))
                .isZero();
        assertThat(cluster.leader(new TopicPartition("logs", 4))).isEqualTo(3);

        assertThat(cli.admin("delete-topic", "logs")).isZero();
        assertThat(cli.errText()).contains("deleted topic logs");
        assertThat(cli.admin("describe-topic", "logs")).isEqualTo(ExitCodes.NOT_FOUND);
    }

    @Test
    void shouldTalkTlsWhenAskedTo() {
        assertThat(cli.admin("list-topics", "--tls-ca", "/no/such/ca.pem")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("INVALID_CONFIG").contains("/no/such/ca.pem");
        assertThat(cli.admin("list-topics", "--tls-cert", "alice.pem")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.errText()).contains("both or none");
        // the brokers here speak plaintext
        assertThat(cli.admin("list-topics", "--tls-ca", "system", "--timeout", "300ms"))
                .isNotEqualTo(ExitCodes.OK);
        assertThat(cli.admin("list-topics")).isZero();
    }

    @Test
    void shouldMakeNothingWhenAskedToValidateOnly() {
        assertThat(cli.admin("create-topic", "logs", "--partitions", "2", "--validate-only"))
                .isZero();
        assertThat(cli.outText()).startsWith("valid, not made: topic logs");

        assertThat(cli.admin("describe-topic", "logs")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.admin("create-topic", "logs", "--replicas", "4", "--validate-only"))
                .isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("GQ-1205 INVALID_REPLICAS: replicas: 4");
    }

    @Test
    void shouldAnswerJsonWhenAskedTo() {
        cli.admin("create-topic", "logs", "--partitions", "1", "-o", "json");
        assertThat(cli.outText()).startsWith("{\"name\":\"logs\",\"id\":\"").endsWith("}\n");

        assertThat(cli.admin("create-topic", "logs", "-o", "json")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.errText())
                .startsWith(
                        "{\"error\":\"TOPIC_EXISTS\",\"code\":\"GQ-1202\",\"message\":\"topic: logs (expected: a new name)\"");

        cli.admin("describe-cluster", "-o", "json");
        assertThat(cli.outText()).contains("\"healthy\":true").contains("\"node\":3");
    }

    @Test
    void shouldExitUnhealthyWhenBrokerIsDownOrPartitionHasNoLeader() {
        cluster.createTopic("logs", 1);
        assertThat(cli.admin("describe-cluster")).isZero();
        assertThat(cli.outText()).contains("healthy");

        cluster.moveLeader(new TopicPartition("logs", 0), 0);
        assertThat(cli.admin("describe-cluster")).isEqualTo(ExitCodes.UNHEALTHY);
        assertThat(cli.outText()).contains("UNHEALTHY").contains("without leader 1");

        cluster.moveLeader(new TopicPartition("logs", 0), 1);
        cluster.broker(2).kill();
        assertThat(cli.admin("describe-cluster")).isEqualTo(ExitCodes.UNHEALTHY);
        assertThat(cli.outText()).contains("DOWN");
    }

    @Test
    void shouldBringLeadersBackToThePreferredOnes() {
        assertThat(cli.admin("create-topic", "logs", "--partitions", "3")).isEqualTo(ExitCodes.OK);
        cluster.moveLeader(new TopicPartition("logs", 0), 3);

        assertThat(cli.admin("balance-leaders", "-o", "json")).isEqualTo(ExitCodes.OK);

        assertThat(cli.outText()).contains("\"moved\":1").contains("\"preferred\":2");
        assertThat(cluster.leader(new TopicPartition("logs", 0))).isEqualTo(1);
    }

    @Test
    void shouldSayWhyNobodyLeads() {
        assertThat(cli.admin("create-topic", "logs", "--partitions", "2")).isEqualTo(ExitCodes.OK);
        cluster.moveLeader(new TopicPartition("logs", 1), 0);

        assertThat(cli.admin("why-no-leader", "logs", "1")).isEqualTo(ExitCodes.UNHEALTHY);
        assertThat(cli.outText()).contains("VOTED FOR").contains("a majority is up (nodes [1, 2, 3]");

        assertThat(cli.admin("why-no-leader", "logs", "1", "-o", "json")).isEqualTo(ExitCodes.UNHEALTHY);
        assertThat(cli.outText()).contains("\"healthy\":false").contains("\"reachable\":true");
        assertThat(cli.admin("why-no-leader", "logs", "7")).isEqualTo(ExitCodes.NOT_FOUND);
    }

    @Test
    void shouldSayWhoDoesNotAnswerWhenNoBrokerRuns() {
        cluster.brokers().forEach(broker -> broker.kill());

        assertThat(cli.admin("list-topics", "--timeout", "500ms")).isEqualTo(ExitCodes.TIMEOUT);
        assertThat(cli.errText()).contains("GQ-1005 BROKER_UNAVAILABLE").contains("127.0.0.1:");

        assertThat(cli.admin("describe-cluster", "--timeout", "500ms")).isEqualTo(ExitCodes.UNHEALTHY);
        assertThat(cli.errText()).contains("GQ-1005 BROKER_UNAVAILABLE").contains("127.0.0.1:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create-topic",
                "create-topic a b",
                "create-topic logs --partitions many",
                "create-topic logs --partitions -1",
                "create-topic logs --config retention_ms",
                "alter-topic logs",
                "add-partitions logs",
                "transfer-leader logs",
                "list-topics --timeout soon",
                "lst-topics"
            })
    void shouldSayHowItIsUsedWhenCommandLineIsWrong(String line) {
        assertThat(cli.admin(line.split(" "))).as(line).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.errText()).startsWith("gq-admin: ");
    }
}
