package io.gq.cli;

import io.gq.client.admin.RecoveryPlan;
import io.gq.client.admin.ReplicaDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What a recovery finds and gives up, in words. Pure. */
final class RecoveryText {

    private RecoveryText() {}

    static String text(RecoveryPlan plan) {
        Table table = new Table("NODE", "REACHABLE", "ROLE", "LAST TERM", "LAST INDEX", "END OFFSET", "THEN");
        for (ReplicaDescription replica : plan.replicas()) {
            boolean tells = tells(replica);
            table.row(
                    replica.node(),
                    replica.reachable() ? "yes" : "no",
                    replica.role(),
                    tells && replica.lastTerm() > 0 ? replica.lastTerm() : "-",
                    tells ? replica.lastIndex() : "-",
                    tells ? replica.logEndOffset() : "-",
                    fate(plan, replica));
        }
        return "partition " + plan.partition() + "\n" + table.text()
                + plan.refusal().map(refusal -> "").orElseGet(() -> "\n" + loss(plan) + "\n");
    }

    static Map<String, Object> json(RecoveryPlan plan, boolean recovered) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", plan.partition().topic());
        json.put("partition", plan.partition().partition());
        List<Map<String, Object>> replicas = new ArrayList<>();
        for (ReplicaDescription replica : plan.replicas()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("node", replica.node());
            one.put("reachable", replica.reachable());
            one.put("role", replica.role());
            one.put("last_term", replica.lastTerm());
            one.put("last_index", replica.lastIndex());
            one.put("log_start_offset", replica.logStartOffset());
            one.put("log_end_offset", replica.logEndOffset());
            one.put("trust", plan.trust().contains(replica));
            one.put("error", replica.error());
            replicas.add(one);
        }
        json.put("replicas", replicas);
        plan.mostComplete().ifPresent(leader -> {
            json.put("most_complete", leader.node());
            json.put("kept_end_offset", leader.logEndOffset());
            json.put("loss", loss(plan));
        });
        json.put("recovered", recovered);
        json.put("leader", plan.leader());
        plan.refusal().ifPresent(refusal -> json.put("error", Commands.error(refusal)));
        return json;
    }

    /** What the operator accepts. */
    static String loss(RecoveryPlan plan) {
        ReplicaDescription best = plan.mostComplete().orElseThrow();
        long end = best.logEndOffset();
        StringBuilder text = new StringBuilder();
        text.append("Node ")
                .append(best.node())
                .append(" holds the most complete log. Records below offset ")
                .append(end)
                .append(" are kept. Records from offset ")
                .append(end)
                .append(
                        " on that were acknowledged in the last moments before the machines went down are lost, if there were any:")
                .append(
                        " no replica asked holds them. Their offsets will be given to new records, so consumers that have read")
                .append(" further must go back to offset ")
                .append(end)
                .append('.');
        List<Integer> longer = nodes(plan, r -> tells(r) && r.logEndOffset() > end && r.lastTerm() < best.lastTerm());
        if (!longer.isEmpty()) {
            text.append(" What nodes ")
                    .append(longer)
                    .append(" hold beyond that is of an older term: a later leader had replaced it.");
        }
        List<Integer> missing = nodes(plan, r -> !tells(r));
        if (!missing.isEmpty()) {
            text.append(" NODES ")
                    .append(missing)
                    .append(" ARE GIVEN UP: what only they hold is lost too, even if they come back.");
        }
        return text.toString();
    }

    private static String fate(RecoveryPlan plan, ReplicaDescription replica) {
        if (plan.refusal().isPresent()) {
            return replica.error();
        }
        String most = plan.mostComplete().filter(replica::equals).isPresent() ? ", most complete" : "";
        if (plan.trust().contains(replica)) {
            return "trusted" + most;
        }
        if (tells(replica)) {
            return replica.error().isEmpty() ? "votes" + most : "copies from the leader";
        }
        return "given up: " + replica.error();
    }

    private static boolean tells(ReplicaDescription replica) {
        return replica.error().isEmpty() || replica.role().equals("DISTRUSTED");
    }

    private static List<Integer> nodes(RecoveryPlan plan, Predicate<ReplicaDescription> which) {
        return plan.replicas().stream()
                .filter(which)
                .map(ReplicaDescription::node)
                .sorted()
                .toList();
    }
}
