package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.ClusterDescription;
import picocli.CommandLine.Command;

/** {@code gq-admin describe-cluster}. */
@Command(
        name = "describe-cluster",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Brokers, controller, and whether all is well.",
            "Exits with 10 where a broker is down, no controller leads, or a partition has no leader."
        })
final class DescribeClusterCommand extends AdminCommand {

    DescribeClusterCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        ClusterDescription cluster = admin.describeCluster();
        reply(Shown.json(cluster), Shown.text(cluster));
        return cluster.healthy() ? ExitCodes.OK : ExitCodes.UNHEALTHY;
    }
}
