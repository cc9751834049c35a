package io.gq.broker.grpc;

import io.gq.broker.config.ListenerTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Self-signed certificates made by the JDK's keytool; the file of authorities names all of them. */
final class TestCertificates {

    private static final String PASSWORD = "changeit";

    private final Path dir;

    private TestCertificates(Path dir) {
        this.dir = dir;
    }

    /** @param names common names; every certificate is good for localhost */
    static TestCertificates make(Path dir, String... names)
            throws IOException, InterruptedException, GeneralSecurityException {
        TestCertificates made = new TestCertificates(dir);
        StringBuilder authorities = new StringBuilder();
        for (String name : names) {
            Path store = dir.resolve(name + ".p12");
            Process keytool = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            name,
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=" + name + ",O=gq",
                            "-ext",
                            "SAN=dns:localhost",
                            "-ext",
                            "BC:critical=ca:true",
                            "-validity",
                            "2",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            PASSWORD))
                    .redirectErrorStream(true)
                    .redirectOutput(dir.resolve(name + ".out").toFile())
                    .start();
            if (!keytool.waitFor(30, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IOException("keytool failed: " + Files.readString(dir.resolve(name + ".out")));
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            String certificate = pem("CERTIFICATE", keys.getCertificate(name).getEncoded());
            authorities.append(certificate);
            Files.writeString(made.certFile(name), certificate);
            Files.writeString(
                    made.keyFile(name),
                    pem("PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
        }
        Files.writeString(made.caFile(), authorities);
        return made;
    }

    Path certFile(String name) {
        return dir.resolve(name + ".crt");
    }

    Path keyFile(String name) {
        return dir.resolve(name + ".key");
    }

    Path caFile() {
        return dir.resolve("ca.crt");
    }

    ListenerTls tls(String name) {
        return new ListenerTls(certFile(name), keyFile(name), Optional.of(caFile()), ListenerTls.ClientAuth.REQUIRED);
    }

    private static String pem(String type, byte[] bytes) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END " + type + "-----\n";
    }
}
