package io.gq.cli;

import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.PartitionDescription;
import io.gq.client.admin.RecoveryPlan;
import io.gq.client.admin.TopicDescription;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq-admin recover-replicated}. */
@Command(
        name = "recover-replicated",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Opens partitions of topics with durability=replicated again after a majority of their machines went down at once. "
                    + "Such replicas may have forgotten records that were acknowledged, so they do not vote; here an operator "
                    + "accepts the loss.",
            "Shows what each replica still holds and what may be lost, asks, and then trusts the most complete replicas, so "
                    + "many as a majority needs. The others copy from them. All replicas have to answer, since one that does "
                    + "not may hold more. Refused for topics with durability=fsync, and where a majority was never distrusted."
        })
final class RecoverReplicatedCommand extends AdminCommand {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int ALL = -1;

    private final Terminal terminal;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TOPIC",
            description =
                    "The topic. Default: every partition without a leader of every topic with durability=replicated.")
    String topic = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PARTITION",
            description = "The partition. Default: all of the topic that have no leader.")
    int partition = ALL;

    @Option(
            names = "--allow-missing",
            description = "Go on although replicas do not answer or are damaged. What only they hold is lost.")
    boolean allowMissing;

    @Option(names = "--validate-only", description = "Show what would be done, and change nothing.")
    boolean validateOnly;

    @Option(names = "--yes", description = "Do not ask. Needed where stdin is not a terminal.")
    boolean yes;

    RecoverReplicatedCommand(Terminal terminal) {
        super(terminal, TIMEOUT);
        this.terminal = terminal;
    }

    @Override
    int run(Admin admin) {
        List<RecoveryPlan> plans = targets(admin).stream()
                .map(p -> admin.planRecovery(p, allowMissing))
                .filter(plan -> !topic.isEmpty() || isStuck(plan))
                .toList();
        if (plans.isEmpty()) {
            done(
                    Map.of("partitions", List.of()),
                    "nothing to recover: no partition of a topic with durability=replicated waits for an operator");
            return ExitCodes.OK;
        }
        if (!common.json()) {
            Reply.text(terminal, plans.stream().map(RecoveryText::text).collect(Collectors.joining("\n")));
        }
        if (validateOnly) {
            return report(plans);
        }
        if (!confirmed(plans.stream().filter(plan -> plan.refusal().isEmpty()).count())) {
            terminal.err().println("nothing was changed");
            return ExitCodes.ERROR;
        }
        return report(plans.stream().map(plan -> recover(admin, plan)).toList());
    }

    /** An election that is under way is nobody's trouble. */
    private static boolean isStuck(RecoveryPlan plan) {
        return plan.refusal()
                .filter(refusal -> refusal.code() == ErrorCode.NOTHING_TO_RECOVER)
                .isEmpty();
    }

    private List<TopicPartition> targets(Admin admin) {
        if (partition != ALL) {
            return List.of(new TopicPartition(topic, partition));
        }
        if (topic.isEmpty()) {
            return admin.listTopics().stream()
                    .filter(t -> "replicated".equals(t.config().get("durability")))
                    .flatMap(t -> leaderless(t).stream())
                    .toList();
        }
        List<TopicPartition> leaderless =
                leaderless(admin.describeTopic(topic, List.of(0)).topic());
        // where there is none, the cluster says what is wrong with the wish
        return leaderless.isEmpty() ? List.of(new TopicPartition(topic, 0)) : leaderless;
    }

    private static List<TopicPartition> leaderless(TopicDescription topic) {
        return topic.partitions().stream()
                .filter(p -> p.leader() == 0)
                .map(PartitionDescription::partition)
                .map(p -> new TopicPartition(topic.name(), p))
                .toList();
    }

    private boolean confirmed(long partitions) {
        if (yes || partitions == 0) {
            return true;
        }
        if (!terminal.answering()) {
            throw new UsageException(
                    "--yes: missing (expected: given where stdin is not a terminal); nothing was changed");
        }
        try {
            return terminal.confirms("Give up what may be lost, and open " + partitions + " partition(s) again?");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RecoveryPlan recover(Admin admin, RecoveryPlan plan) {
        if (plan.refusal().isPresent()) {
            return plan;
        }
        try {
            RecoveryPlan done = admin.recover(plan, allowMissing);
            return new RecoveryPlan(
                    plan.partition(),
                    plan.replicas(),
                    plan.trust(),
                    plan.mostComplete(),
                    done.leader(),
                    Optional.empty());
        } catch (GqException e) {
            return new RecoveryPlan(
                    plan.partition(), plan.replicas(), plan.trust(), plan.mostComplete(), 0, Optional.of(e));
        }
    }

    private int report(List<RecoveryPlan> plans) {
        if (common.json()) {
            Reply.json(
                    terminal,
                    Map.of(
                            "partitions",
                            plans.stream()
                                    .map(plan -> RecoveryText.json(
                                            plan,
                                            !validateOnly && plan.refusal().isEmpty()))
                                    .toList()));
        }
        int exit = ExitCodes.OK;
        for (RecoveryPlan plan : plans) {
            GqException refusal = plan.refusal().orElse(null);
            if (refusal != null && plans.size() == 1) {
                throw refusal;
            } else if (refusal != null) {
                say(plan.partition() + ": " + refusal.code().label() + " " + refusal.code() + ": "
                        + refusal.getMessage());
                exit = ExitCodes.ERROR;
            } else if (!validateOnly && plan.leader() == 0) {
                say("recovered " + plan.partition() + ": no leader yet, see gq-admin why-no-leader");
                exit = exit == ExitCodes.OK ? ExitCodes.UNHEALTHY : exit;
            } else if (!validateOnly) {
                say("recovered " + plan.partition() + ": node " + plan.leader() + " leads");
            }
        }
        return exit;
    }

    private void say(String message) {
        if (!common.json()) {
            terminal.err().println(message);
        }
    }
}
