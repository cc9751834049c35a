package io.gq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.ReplicaDescription;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderDiagnosisTest {

    @Test
    void shouldMissNothingWhenALeaderHasAMajority() {
        LeaderDiagnosis diagnosis = diagnose(1, leader(1), follower(2, 1), unreachable(3));

        assertThat(diagnosis.healthy()).isTrue();
        assertThat(diagnosis.sentence()).isEqualTo("node 1 leads in term 7: nothing is missing");
    }

    @Test
    void shouldNameTheBrokersToStartWhenAMajorityDoesNotAnswer() {
        LeaderDiagnosis diagnosis = diagnose(0, follower(1, 0), unreachable(2), unreachable(3));

        assertThat(diagnosis.healthy()).isFalse();
        assertThat(diagnosis.sentence())
                .startsWith("nodes [2, 3] do not answer and 1 replica more of 3 must be up")
                .contains("start those brokers");
    }

    @Test
    void shouldNameTheReplicasThatDoNotServeWhenTheirBrokersAnswer() {
        LeaderDiagnosis diagnosis = diagnose(0, follower(1, 0), replica(2, "REBUILDING", 0), closed(3));

        assertThat(diagnosis.sentence()).startsWith("nodes [2, 3] are up, but their replicas do not serve");
    }

    @Test
    void shouldTellBrokersThatDoNotAnswerFromReplicasThatDoNotServe() {
        LeaderDiagnosis diagnosis = diagnose(0, replica(1, "REBUILDING", 0), unreachable(2), follower(3, 0));

        assertThat(diagnosis.sentence())
                .startsWith("nodes [1] are up, but their replicas do not serve (see ERROR), nodes [2] do not answer")
                .contains("start the brokers that do not answer");
    }

    @Test
    void shouldSayWhichReplicasMayNotVoteWhenTheirMachinesWentDown() {
        LeaderDiagnosis diagnosis = diagnose(0, distrusted(1), distrusted(2), follower(3, 0));

        assertThat(diagnosis.healthy()).isFalse();
        assertThat(diagnosis.sentence())
                .startsWith("the machines of nodes [1, 2] went down before all records were synced")
                .contains("1 replica more of the others must")
                .contains("gq-admin recover-replicated");
    }

    @Test
    void shouldNameTheLongestLogWhenTheElectionIsOpen() {
        LeaderDiagnosis diagnosis = diagnose(0, follower(1, 0), replica(2, "CANDIDATE", 0), unreachable(3));

        assertThat(diagnosis.sentence())
                .startsWith("a majority is up (nodes [1, 2], term 7)")
                .contains("node 2 has the longest log, to index 102")
                .contains("wait an election timeout");
    }

    @Test
    void shouldBlameTheDisksWhenAllAreFull() {
        LeaderDiagnosis diagnosis = diagnose(0, full(1, "FOLLOWER"), full(2, "FOLLOWER"), unreachable(3));

        assertThat(diagnosis.sentence()).startsWith("the disks of nodes [1, 2] are full");
        assertThat(diagnose(1, full(1, "LEADER"), follower(2, 1), follower(3, 1))
                        .sentence())
                .startsWith("node 1 leads in term 7, but its disk is full");
    }

    @Test
    void shouldSayThatOthersDoNotFollowWhenTheLeaderIsAlone() {
        LeaderDiagnosis diagnosis = diagnose(1, leader(1), follower(2, 0), follower(3, 0));

        assertThat(diagnosis.healthy()).isFalse();
        assertThat(diagnosis.sentence()).contains("nodes [2, 3] do not follow it");
    }

    private static LeaderDiagnosis diagnose(int leader, ReplicaDescription... replicas) {
        return LeaderDiagnosis.of(new PartitionDescription(0, leader, 7, List.of(1, 2, 3), "g"), List.of(replicas));
    }

    private static ReplicaDescription leader(int node) {
        return replica(node, "LEADER", node);
    }

    private static ReplicaDescription follower(int node, int follows) {
        return replica(node, "FOLLOWER", follows);
    }

    private static ReplicaDescription replica(int node, String role, int follows) {
        return replica(node, role, follows, false, "");
    }

    private static ReplicaDescription full(int node, String role) {
        return replica(node, role, 1, true, "");
    }

    private static ReplicaDescription unreachable(int node) {
        return replica(node, "UNREACHABLE", 0, false, "GQ-1005 BROKER_UNAVAILABLE: refused");
    }

    private static ReplicaDescription distrusted(int node) {
        return replica(node, "DISTRUSTED", 0, false, "GQ-1002 NO_QUORUM: went down");
    }

    private static ReplicaDescription closed(int node) {
        return replica(node, "CLOSED", 0, false, "GQ-1006 NOT_READY: not open");
    }

    private static ReplicaDescription replica(int node, String role, int follows, boolean diskFull, String error) {
        return new ReplicaDescription(
                node, 0, role, 7, 100 + node, 100, 0, 0, 0, 0, "", error, "", follows, 0, diskFull, 1 << 30, 7);
    }
}
