package io.gq.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.client.ClientTls;
import io.gq.client.GqClient;
import io.gq.client.admin.Admin;
import io.gq.client.admin.NewTopic;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.it.cluster.BrokerPorts;
import io.gq.it.cluster.BrokerProcess;
import io.gq.it.cluster.ClusterFixture;
import io.gq.testing.TestCertificates;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers that speak nothing but TLS, to clients and to each other. */
@Tag("node")
@Order(12)
class TlsClusterTest {

    private static final Duration SOON = Duration.ofSeconds(3);

    @TempDir
    private Path keys;

    @Test
    void shouldServeTrustedClientsAndRefuseAllOthersWhenEveryListenerSpeaksTls() throws Exception {
        TestCertificates ours = TestCertificates.make(
                Files.createDirectory(keys.resolve("ours")), "broker1", "broker2", "broker3", "alice");
        TestCertificates foreign = TestCertificates.make(Files.createDirectory(keys.resolve("foreign")), "alice");
        try (ClusterFixture cluster = ClusterFixture.named("tls")
                .set("peer_identities", "broker1,broker2,broker3")
                .build()) {
            cluster.brokers().forEach(broker -> speakTls(broker, ours));
            cluster.startAll();

            assertRoundTrip(cluster, trusted(ours, ours));
            assertRefused(cluster, GqClient.builder());
            assertRefused(cluster, trusted(ours, foreign));
            for (BrokerProcess broker : cluster.brokers()) {
                BrokerPorts ports = broker.ports();
                for (int port : List.of(ports.raft(), ports.replicated(), ports.controller())) {
                    assertAdmitsBrokersOnly(port, ours, broker.node());
                }
            }
        }
    }

    private static void speakTls(BrokerProcess broker, TestCertificates certificates) {
        String name = "broker" + broker.node();
        for (String listener : List.of("grpc", "raft", "raft_replicated", "controller")) {
            String prefix = "listeners." + listener + ".";
            broker.set(prefix + "protocol", "tls");
            broker.set(prefix + "tls.cert_file", certificates.certFile(name).toString());
            broker.set(prefix + "tls.key_file", certificates.keyFile(name).toString());
            broker.set(prefix + "tls.ca_file", certificates.caFile().toString());
        }
    }

    private static GqClient.Builder trusted(TestCertificates brokers, TestCertificates client) {
        return GqClient.builder()
                .tls(ClientTls.trusting(brokers.caFile()).showing(client.certFile("alice"), client.keyFile("alice")));
    }

    private static void assertRoundTrip(ClusterFixture cluster, GqClient.Builder builder) {
        try (GqClient client = builder.bootstrap(cluster.bootstrap()).build();
                Producer producer = client.producer().build();
                Consumer consumer = client.consumer().build()) {
            client.admin().createTopic(NewTopic.of("logs", 3, 3));
            for (int i = 0; i < 100; i++) {
                var unused = producer.send(ProducerRecord.ofText("logs", "key-" + i, Integer.toString(i)));
            }
            producer.flush();
            consumer.assignTopics(List.of("logs"));
            TreeSet<Integer> read = new TreeSet<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (read.size() < 100 && System.nanoTime() - deadline < 0) {
                for (ConsumedRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    read.add(Integer.valueOf(record.valueText()));
                }
            }
            assertThat(read).hasSize(100);
        }
    }

    private static void assertRefused(ClusterFixture cluster, GqClient.Builder builder) {
        try (GqClient client = builder.bootstrap(cluster.bootstrap()).build()) {
            Admin admin = client.admin().within(SOON);
            assertThatThrownBy(admin::listTopics).hasMessageContaining("hello to");
        }
    }

    /** The port shows the broker's own certificate, stays open to another broker and closes to all else the authority signed. */
    private static void assertAdmitsBrokersOnly(int port, TestCertificates certificates, int node) throws Exception {
        try (SSLSocket peer = connect(port, certificates.context("broker" + (node % 3 + 1)))) {
            peer.startHandshake();
            assertThat(peer.getSession().getPeerPrincipal().getName()).startsWith("CN=broker" + node);
            peer.setSoTimeout(100);
            assertThat(staysOpen(peer)).isTrue();
        }
        try (SSLSocket client = connect(port, certificates.context("alice"))) {
            assertThatThrownBy(() -> readToTheEnd(client))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    private static SSLSocket connect(int port, SSLContext context) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static boolean staysOpen(SSLSocket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException silent) {
            return true;
        }
    }

    /** TLS 1.3 lets a client finish its handshake before the server has judged its certificate: the refusal may show at either call. */
    private static void readToTheEnd(SSLSocket socket) throws IOException {
        socket.startHandshake();
        while (socket.getInputStream().read() >= 0) {
            // a broker may greet before it judges
        }
        throw new EOFException("closed by the broker");
    }
}
