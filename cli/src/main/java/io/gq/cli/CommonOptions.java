package io.gq.cli;

import io.gq.client.BrokerAddress;
import io.gq.client.GqClient;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command understands. */
final class CommonOptions {

    enum Output {
        TABLE,
        JSON
    }

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:GQ_BOOTSTRAP:-127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094}",
            description = "Brokers to ask first (environment: GQ_BOOTSTRAP). Default: the three local ones.")
    String bootstrap = "";

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "How results and errors are written. Default: ${DEFAULT-VALUE}.")
    Output output = Output.TABLE;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description =
                    "Longest wait for the cluster: 500ms, 10s, 2m. Default: 10s; for gq produce 30s, from reading a record "
                            + "to its acknowledgement.")
    Duration timeout = Duration.ZERO;

    boolean json() {
        return output == Output.JSON;
    }

    Duration timeout(Duration otherwise) {
        return timeout.isZero() ? otherwise : timeout;
    }

    GqClient connect() {
        return tls.apply(GqClient.builder())
                .bootstrap(BrokerAddress.parseList(bootstrap))
                .clientName("gq-cli")
                .build();
    }
}
