package io.gq.cli;

import io.gq.client.ClientTls;
import io.gq.client.GqClient;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a command talks to brokers whose gRPC listener speaks TLS. Without any of these it talks in plaintext. */
public final class TlsOptions {

    private static final String OF_MACHINE = "system";

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE|system",
            defaultValue = "${env:GQ_TLS_CA:-}",
            description =
                    "Talk TLS; FILE (PEM) holds who signs the brokers' certificates, system: the machine's trust store "
                            + "(environment: GQ_TLS_CA).")
    String ca = "";

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            defaultValue = "${env:GQ_TLS_CERT:-}",
            description = "Certificate to show to brokers, PEM (environment: GQ_TLS_CERT).")
    String cert = "";

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:GQ_TLS_KEY:-}",
            description = "Its private key, PEM, PKCS#8 (environment: GQ_TLS_KEY).")
    String key = "";

    /** The builder, set up as asked for. */
    public GqClient.Builder apply(GqClient.Builder client) {
        if (ca.isEmpty() && cert.isEmpty() && key.isEmpty()) {
            return client;
        }
        return client.tls(new ClientTls(ca.equals(OF_MACHINE) ? Optional.empty() : file(ca), file(cert), file(key)));
    }

    private static Optional<Path> file(String name) {
        return Optional.of(name).filter(n -> !n.isEmpty()).map(Path::of);
    }
}
