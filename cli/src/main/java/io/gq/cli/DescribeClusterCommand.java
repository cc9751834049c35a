package io.gq.cli;

import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.ClusterDescription;
import io.gq.core.ErrorCode;
import picocli.CommandLine.Command;

/** {@code gq-admin describe-cluster}. */
@Command(
        name = "describe-cluster",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Brokers, controller, and whether all is well.",
            "Exits with 10 where a broker is down or none answers, no controller leads, or a partition has no leader."
        })
final class DescribeClusterCommand extends AdminCommand {

    DescribeClusterCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        ClusterDescription cluster = describe(admin);
        reply(Shown.json(cluster), Shown.text(cluster));
        return cluster.healthy() ? ExitCodes.OK : ExitCodes.UNHEALTHY;
    }

    private static ClusterDescription describe(Admin admin) {
        try {
            return admin.describeCluster();
        } catch (GqException e) {
            boolean nobody = e.code() == ErrorCode.BROKER_UNAVAILABLE || e.code() == ErrorCode.NO_QUORUM;
            throw nobody ? new UnhealthyException(e) : e;
        }
    }
}
