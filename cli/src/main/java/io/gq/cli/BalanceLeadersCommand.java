package io.gq.cli;

import io.gq.client.admin.Admin;
import io.gq.client.admin.LeaderBalance;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code gq-admin balance-leaders}. */
@Command(
        name = "balance-leaders",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Moves every partition back to its preferred leader, the first of its replicas, now. Brokers do this by themselves "
                        + "a while after the preferred leader is back (balance.delay).")
final class BalanceLeadersCommand extends AdminCommand {

    BalanceLeadersCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    int run(Admin admin) {
        LeaderBalance balance = admin.balanceLeaders();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("moved", balance.moved());
        json.put("preferred", balance.preferred());
        json.put("left", balance.left());
        done(
                json,
                "moved " + balance.moved() + ", led by the preferred leader before " + balance.preferred() + ", left "
                        + balance.left());
        return balance.left() == 0 ? ExitCodes.OK : ExitCodes.UNHEALTHY;
    }
}
