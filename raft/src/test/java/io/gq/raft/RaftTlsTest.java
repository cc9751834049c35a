package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The servers of a cluster talk TLS, and to nobody but each other. */
@Timeout(90)
final class RaftTlsTest {

    private static final int READ_TIMEOUT_MS = 5_000;

    @TempDir
    private static Path keys;

    private static TestCertificates ours;
    private static TestCertificates foreign;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeCertificates() throws Exception {
        ours = TestCertificates.make(
                Files.createDirectory(keys.resolve("ours")), "broker1", "broker2", "broker3", "alice");
        foreign = TestCertificates.make(Files.createDirectory(keys.resolve("foreign")), "broker1");
    }

    @Test
    void shouldReplicateWhenAllAreMembersAndRefuseAllOthers() throws Exception {
        try (TestCluster cluster = cluster(id -> Optional.of(tls("broker" + id)))) {
            GroupId group = cluster.create();
            cluster.write(group, "+one");
            cluster.write(group, "two");
            cluster.awaitWords(group, List.of("+one", "two"));

            int port = cluster.host(1).raft.port();
            assertThat(answers(port, ours.context("broker2"))).as("a member").isTrue();
            assertThat(answers(port, ours.context("alice")))
                    .as("of our authority, no member")
                    .isFalse();
            assertThat(answers(port, foreign.context("broker1")))
                    .as("of another authority")
                    .isFalse();
        }
    }

    @Test
    void shouldGiveNothingToAServerWithoutTls() throws Exception {
        try (TestCluster cluster = cluster(id -> id == 3 ? Optional.empty() : Optional.of(tls("broker" + id)))) {
            GroupId group = cluster.create();
            cluster.write(group, "one");

            cluster.host(1).awaitWords(group, List.of("one"));
            cluster.host(2).awaitWords(group, List.of("one"));
            assertThat(cluster.awaitLeader(group).id).isNotEqualTo(3);
            assertThat(cluster.host(3).machine(group).words()).isEmpty();
        }
    }

    @Test
    void shouldGiveNothingToAServerThatIsNoMember() throws Exception {
        try (TestCluster cluster = cluster(id -> Optional.of(tls(id == 3 ? "alice" : "broker" + id)))) {
            GroupId group = cluster.create();
            cluster.write(group, "one");

            cluster.host(1).awaitWords(group, List.of("one"));
            cluster.host(2).awaitWords(group, List.of("one"));
            assertThat(cluster.awaitLeader(group).id).isNotEqualTo(3);
            assertThat(cluster.host(3).machine(group).words()).isEmpty();
        }
    }

    @Test
    void shouldNameTheFilesWhenTheyAreOfNoUse() throws IOException {
        Path junk = Files.writeString(directory.resolve("junk.pem"), "junk");
        RaftTls noKey = new RaftTls(ours.certFile("broker1"), junk, ours.caFile(), RaftTlsTest::member);
        RaftTls noAuthority = new RaftTls(ours.certFile("broker1"), ours.keyFile("broker1"), junk, RaftTlsTest::member);

        for (RaftTls tls : List.of(noKey, noAuthority)) {
            assertThatThrownBy(() -> cluster(id -> Optional.of(tls)).close())
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
                    .hasMessageContaining("junk.pem");
        }
    }

    private TestCluster cluster(IntFunction<Optional<RaftTls>> tls) throws IOException {
        return new TestCluster(
                directory, TestCluster.quickConfig(), 3, (host, group, machine) -> new ToyMachine(machine), tls);
    }

    private static RaftTls tls(String name) {
        return new RaftTls(ours.certFile(name), ours.keyFile(name), ours.caFile(), RaftTlsTest::member);
    }

    private static boolean member(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName().startsWith("CN=broker");
    }

    /** Whether the server goes on talking once it has seen the certificate. */
    private static boolean answers(int port, SSLContext context) throws IOException {
        try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
                SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(READ_TIMEOUT_MS);
            socket.startHandshake();
            return socket.getInputStream().read() >= 0; // the server's settings, at once
        } catch (javax.net.ssl.SSLException | java.net.SocketException e) {
            return false;
        }
    }
}
