package io.gq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.fake.FakeCluster;
import io.gq.core.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecoverReplicatedTest {

    private final FakeCluster cluster = FakeCluster.start(3);
    private final CliHarness cli = new CliHarness(cluster);

    @BeforeEach
    void loseALeader() {
        cli.admin("create-topic", "logs", "--partitions", "2", "--config", "durability=replicated");
        cli.admin("create-topic", "synced", "--partitions", "1");
        cluster.moveLeader(new TopicPartition("logs", 1), 0);
        cluster.moveLeader(new TopicPartition("synced", 0), 0);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldShowWhatMayBeLostAndAskBeforeItDoesAnything() {
        assertThat(cli.adminAnswering("no\n", "recover-replicated")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.outText())
                .contains("partition logs-1")
                .containsPattern("3 +yes +DISTRUSTED +4 +103 +53 +trusted, most complete\\n")
                .containsPattern("2 +yes +DISTRUSTED +4 +102 +52 +trusted\n")
                .containsPattern("1 +yes +DISTRUSTED +4 +101 +51 +copies from the leader")
                .contains("Records below offset 53 are kept. Records from offset 53 on")
                .doesNotContain("synced")
                .doesNotContain("logs-0");
        assertThat(cli.errText()).contains("Type yes to go on: ").contains("nothing was changed");
        assertThat(cluster.leader(new TopicPartition("logs", 1))).isZero();

        assertThat(cli.adminAnswering("yes\n", "recover-replicated", "logs")).isEqualTo(ExitCodes.OK);
        assertThat(cli.errText()).contains("recovered logs-1: node 3 leads");
        assertThat(cluster.leader(new TopicPartition("logs", 1))).isEqualTo(3);
    }

    @Test
    void shouldRefuseWithoutTerminalUnlessToldYes() {
        assertThat(cli.admin("recover-replicated", "logs", "1")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.errText()).contains("--yes: missing");
        assertThat(cli.admin("recover-replicated", "logs", "1", "--validate-only"))
                .isEqualTo(ExitCodes.OK);
        assertThat(cluster.leader(new TopicPartition("logs", 1))).isZero();

        assertThat(cli.admin("recover-replicated", "logs", "1", "--yes", "-o", "json"))
                .isEqualTo(ExitCodes.OK);
        assertThat(cli.outText())
                .startsWith("{\"partitions\":[{\"topic\":\"logs\",\"partition\":1,\"replicas\":[{\"node\":2,")
                .contains("\"most_complete\":3,\"kept_end_offset\":53,\"loss\":\"Node 3 ")
                .endsWith("\"recovered\":true,\"leader\":3}]}\n");
        assertThat(cli.errText()).isEmpty();
    }

    @Test
    void shouldDoNothingWhenNothingIsToBeRecovered() {
        assertThat(cli.admin("recover-replicated", "logs", "0", "--yes")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("GQ-1407 NOTHING_TO_RECOVER");
        assertThat(cli.admin("recover-replicated", "synced", "--yes")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("GQ-1200 INVALID_REQUEST").contains("durability=fsync");
        assertThat(cli.admin("recover-replicated", "unknown", "--yes")).isEqualTo(ExitCodes.NOT_FOUND);

        assertThat(cli.admin("recover-replicated", "--yes")).isEqualTo(ExitCodes.OK);
        assertThat(cli.admin("recover-replicated", "--yes")).isEqualTo(ExitCodes.OK);
        assertThat(cli.errText()).contains("nothing to recover");
        assertThat(cli.admin("recover-replicated", "logs", "--yes")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("GQ-1407 NOTHING_TO_RECOVER");
    }
}
