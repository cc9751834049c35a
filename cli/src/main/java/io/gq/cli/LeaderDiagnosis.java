package io.gq.cli;

import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.ReplicaDescription;
import java.util.Comparator;
import java.util.List;

/**
 * Why nobody leads a partition, from what its replicas say. Pure.
 *
 * @param healthy somebody leads and takes writes
 * @param sentence what is missing and what to do
 */
record LeaderDiagnosis(boolean healthy, String sentence) {

    static LeaderDiagnosis of(PartitionDescription partition, List<ReplicaDescription> replicas) {
        int majority = partition.replicas().size() / 2 + 1;
        List<ReplicaDescription> reachable =
                replicas.stream().filter(ReplicaDescription::reachable).toList();
        List<ReplicaDescription> serving = reachable.stream()
                .filter(replica -> replica.error().isEmpty())
                .filter(replica -> !replica.role().equals("REBUILDING"))
                .toList();
        ReplicaDescription leader = serving.stream()
                .filter(replica -> replica.role().equals("LEADER"))
                .max(Comparator.comparingLong(ReplicaDescription::term))
                .orElse(null);
        if (leader != null && serving.size() >= majority) {
            return ofLeader(partition, leader, serving);
        }
        if (reachable.size() < majority) {
            return sick("nodes " + missing(partition, reachable) + " do not answer and "
                    + replicas(majority - reachable.size()) + " more of "
                    + partition.replicas().size()
                    + " must be up for a majority: start those brokers, or repair their network");
        }
        List<ReplicaDescription> distrusted = reachable.stream()
                .filter(replica -> replica.role().equals("DISTRUSTED"))
                .toList();
        if (serving.size() < majority && !distrusted.isEmpty()) {
            return sick("the machines of nodes " + nodes(distrusted)
                    + " went down before all records were synced (durability=replicated), so their replicas may not vote, and "
                    + replicas(majority - serving.size())
                    + " more of the others must: bring those back; where there are none, gq-admin recover-replicated opens the"
                    + " partition with what is left");
        }
        if (serving.size() < majority) {
            List<Integer> silent = missing(partition, reachable);
            List<Integer> idle = missing(partition, serving).stream()
                    .filter(node -> !silent.contains(node))
                    .toList();
            return sick("nodes " + idle + " are up, but their replicas do not serve (see ERROR)"
                    + (silent.isEmpty() ? "" : ", nodes " + silent + " do not answer") + ", and "
                    + replicas(majority - serving.size()) + " more must serve: "
                    + (silent.isEmpty() ? "" : "start the brokers that do not answer; ")
                    + "wait where replicas are being opened or rebuilt, else look at the logs of those brokers");
        }
        if (serving.stream().allMatch(ReplicaDescription::diskFull)) {
            return sick("the disks of nodes " + nodes(serving)
                    + " are full: free space or lower the retention, writes go on by themselves");
        }
        long highestTerm =
                serving.stream().mapToLong(ReplicaDescription::term).max().orElse(0);
        ReplicaDescription furthest = serving.stream()
                .max(Comparator.comparingLong(ReplicaDescription::lastIndex))
                .orElseThrow();
        return sick("a majority is up (nodes " + nodes(serving) + ", term " + highestTerm
                + ") and has not elected a leader yet; node " + furthest.node() + " has the longest log, to index "
                + furthest.lastIndex()
                + ": wait an election timeout (raft.election_timeout_max), and if terms keep growing "
                + "look at the load of these brokers and the network between them");
    }

    private static LeaderDiagnosis ofLeader(
            PartitionDescription partition, ReplicaDescription leader, List<ReplicaDescription> serving) {
        String head = "node " + leader.node() + " leads in term " + leader.term();
        if (leader.diskFull()) {
            return sick(head + ", but its disk is full: free space or lower the retention, writes go on by themselves");
        }
        List<Integer> astray = serving.stream()
                .filter(replica -> replica.node() != leader.node() && replica.follows() != leader.node())
                .map(ReplicaDescription::node)
                .toList();
        if (serving.size() - astray.size() < partition.replicas().size() / 2 + 1) {
            return sick(
                    head + ", but nodes " + astray
                            + " do not follow it: wait an election timeout, and if that lasts look at the network between them");
        }
        if (partition.leader() != leader.node()) {
            return sick(head + ", and the broker asked takes "
                    + (partition.leader() == 0 ? "nobody" : "node " + partition.leader())
                    + " for the leader: wait a moment for the news to spread");
        }
        return new LeaderDiagnosis(true, head + ": nothing is missing");
    }

    private static LeaderDiagnosis sick(String sentence) {
        return new LeaderDiagnosis(false, sentence);
    }

    private static String replicas(int count) {
        return count == 1 ? "1 replica" : count + " replicas";
    }

    private static List<Integer> nodes(List<ReplicaDescription> replicas) {
        return replicas.stream().map(ReplicaDescription::node).sorted().toList();
    }

    private static List<Integer> missing(PartitionDescription partition, List<ReplicaDescription> there) {
        List<Integer> present = nodes(there);
        return partition.replicas().stream()
                .filter(node -> !present.contains(node))
                .sorted()
                .toList();
    }
}
