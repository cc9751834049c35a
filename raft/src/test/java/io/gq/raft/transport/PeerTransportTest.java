package io.gq.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.NodeId;
import io.gq.raft.PeerRpcType;
import io.gq.testing.TestCertificates;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two transports on the loopback, before servers that the test plays. */
@Timeout(60)
final class PeerTransportTest {

    private static final RaftPeerId SECOND = RaftPeerId.valueOf("2");

    private final IoThreads threads =
            new IoThreads(2, name -> task -> new Thread(task, name), name -> task -> new Thread(task, name));
    private final Map<NodeId, InetSocketAddress> book = new ConcurrentHashMap<>();
    private final List<PeerTransport> open = new ArrayList<>();
    private final List<String> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        open.forEach(PeerTransport::close);
        threads.close();
    }

    private PeerTransport start(FakeServer server, String id, PeerTls tls, Predicate<AppendEntriesRequestProto> mayWait)
            throws IOException {
        PeerTransport.Addresses addresses = new PeerTransport.Addresses() {
            @Override
            public Optional<InetSocketAddress> find(NodeId node) {
                return Optional.ofNullable(book.get(node));
            }

            @Override
            public void listen(Runnable changed) {}

            @Override
            public void unlisten(Runnable changed) {}
        };
        PeerTransport transport = new PeerTransport(
                new PeerTransport.Setup(
                        "test",
                        "127.0.0.1",
                        0,
                        addresses,
                        peer -> new NodeId(Integer.parseInt(peer)),
                        tls,
                        threads,
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20)),
                new PeerRpcType(),
                server.asRaftServer(),
                mayWait,
                (leader, notice) -> told.add(leader + " to " + id + ": " + notice.index()));
        transport.start();
        open.add(transport);
        book.put(
                new NodeId(Integer.parseInt(id)),
                InetSocketAddress.createUnresolved(
                        "127.0.0.1", transport.getInetSocketAddress().getPort()));
        return transport;
    }

    private PeerTransport start(FakeServer server, String id) throws IOException {
        return start(server, id, PeerTls.NONE, request -> false);
    }

    private static RaftRpcRequestProto header(String from, String to, String group) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(from))
                .setReplyId(ByteString.copyFromUtf8(to))
                .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(ByteString.copyFromUtf8(group)))
                .build();
    }

    private static RequestVoteRequestProto vote(String to, long term) {
        return RequestVoteRequestProto.newBuilder()
                .setServerRequest(header("1", to, "g"))
                .setCandidateTerm(term)
                .build();
    }

    private static AppendEntriesRequestProto append(String from, String group, long term) {
        return AppendEntriesRequestProto.newBuilder()
                .setServerRequest(header(from, "2", group))
                .setLeaderTerm(term)
                .build();
    }

    private static CompletableFuture<Long> send(PeerLink link, AppendEntriesRequestProto request) {
        CompletableFuture<Long> term = new CompletableFuture<>();
        link.append(request, new PeerLink.Reply() {
            @Override
            public void answered(byte[] body) {
                try {
                    term.complete(AppendEntriesReplyProto.parseFrom(body).getTerm());
                } catch (IOException e) {
                    term.completeExceptionally(e);
                }
            }

            @Override
            public void failed(IOException cause) {
                term.completeExceptionally(cause);
            }
        });
        return term;
    }

    /** Up, since a user asked for it. */
    private static PeerLink up(PeerTransport transport) {
        PeerLink link = transport.link(SECOND, "group");
        link.attach(() -> {});
        await().until(link::isUp);
        return link;
    }

    @Test
    void shouldCarryAnswersAndRefusalsToTheCaller() throws Exception {
        PeerTransport first = start(new FakeServer("1"), "1");
        start(
                new FakeServer("2") {
                    @Override
                    RequestVoteReplyProto vote(RequestVoteRequestProto request) throws IOException {
                        if (request.getCandidateTerm() == 13) {
                            throw new IOException("an unlucky term");
                        }
                        return super.vote(request);
                    }

                    @Override
                    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
                            throws IOException {
                        return request.getLeaderTerm() == 13
                                ? CompletableFuture.failedFuture(new IllegalStateException("never 13"))
                                : super.append(request);
                    }
                },
                "2");

        assertThat(first.requestVote(vote("2", 7)).getTerm()).isEqualTo(7);
        assertThatThrownBy(() -> first.requestVote(vote("2", 13)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("an unlucky term");
        assertThat(first.appendEntries(append("1", "g", 8)).getTerm()).isEqualTo(8);
        assertThatThrownBy(() -> first.appendEntries(append("1", "g", 13))).hasMessageContaining("never 13");
        assertThatThrownBy(() -> first.requestVote(vote("3", 7)))
                .as("nobody knows where 3 is")
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no address");
    }

    @Test
    void shouldAnswerNothingThatIsForAnotherServer() throws Exception {
        PeerTransport first = start(new FakeServer("1"), "1");
        start(new FakeServer("2"), "2");
        book.put(new NodeId(3), book.get(new NodeId(2))); // where 3 was listens 2 now

        assertThatThrownBy(() -> first.requestVote(vote("3", 7)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server: 3 (expected: 2)");
        assertThatThrownBy(() -> first.appendEntries(AppendEntriesRequestProto.newBuilder()
                        .setServerRequest(header("1", "3", "g"))
                        .build()))
                .hasMessageContaining("server: 3 (expected: 2)");
    }

    @Test
    void shouldHearAPeerUntilAllThatItSentHasReachedTheServer() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PeerTransport first = start(new FakeServer("1"), "1");
        PeerTransport second = start(
                new FakeServer("2") {
                    @Override
                    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
                            throws IOException {
                        if (request.getLeaderTerm() == 2) {
                            entered.countDown();
                            try {
                                goOn.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        }
                        return super.append(request);
                    }
                },
                "2",
                PeerTls.NONE,
                request -> request.getLeaderTerm() == 2);
        assertThat(first.requestVote(vote("2", 7)).getTerm()).isEqualTo(7);
        assertThat(second.hears(new NodeId(1))).as("votes are no appends").isFalse();

        PeerLink link = up(first);
        assertThat(send(link, append("1", "g", 1)).get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(second.hears(new NodeId(1))).isTrue();
        assertThat(second.hears(new NodeId(3))).isFalse();
        CompletableFuture<Long> unanswered = send(link, append("1", "g", 2));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        first.close();

        await().until(unanswered::isCompletedExceptionally);
        assertThat(second.hears(new NodeId(1)))
                .as("the last append is on its way into the log")
                .isTrue();
        goOn.countDown();
        await().until(() -> !second.hears(new NodeId(1)));
    }

    @Test
    void shouldTellCommitsOverTheConnectionOfALeadersAppends() throws Exception {
        PeerTransport first = start(new FakeServer("1"), "1");
        start(new FakeServer("2"), "2");
        PeerLink link = up(first);
        await().until(link::takesCommits);

        link.tell(new CommitNotice(new UUID(0, 1), 1, 10, 1));
        for (int turn = 0; turn < 2; turn++) { // it leaves at the end of the one in which it was told
            link.loop().submit(() -> {}).get(20, TimeUnit.SECONDS);
        }
        assertThat(send(link, append("1", "g", 1)).get(20, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(told).as("nobody knows yet who tells it").isEmpty();
        link.loop()
                .submit(() -> {
                    for (int i = 11; i < 14; i++) {
                        link.tell(new CommitNotice(new UUID(0, i), 1, i, 1));
                    }
                })
                .get(20, TimeUnit.SECONDS);

        await().until(() -> told.equals(List.of("1 to 2: 11", "1 to 2: 12", "1 to 2: 13")));
        first.close();
        await().until(() -> !link.takesCommits());
    }

    @Test
    void shouldNotTellCommitsWhereTheServerDoesNotSayThatItTakesThem() throws Exception {
        try (ServerSocket older = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PeerTransport first = start(new FakeServer("1"), "1");
            book.put(new NodeId(2), InetSocketAddress.createUnresolved("127.0.0.1", older.getLocalPort()));
            PeerLink link = first.link(SECOND, "group");
            link.attach(() -> {});
            try (Socket accepted = older.accept()) {
                accepted.getOutputStream().write("GQ-RAFT1".getBytes(StandardCharsets.US_ASCII));
                await().until(link::isUp);

                assertThat(link.takesCommits()).isFalse();
            }
        }
    }

    @Test
    void shouldKeepTheOrderOfEachThreadWhenManySend() throws Exception {
        int each = 400;
        Map<String, List<Long>> came = new ConcurrentHashMap<>();
        PeerTransport first = start(new FakeServer("1"), "1");
        start(
                new FakeServer("2") {
                    @Override
                    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
                            throws IOException {
                        came.computeIfAbsent(
                                        request.getServerRequest()
                                                .getRequestorId()
                                                .toStringUtf8(),
                                        from -> new CopyOnWriteArrayList<>())
                                .add(request.getLeaderTerm());
                        return super.append(request);
                    }
                },
                "2");
        PeerLink link = up(first);

        List<CompletableFuture<Long>> sent = new CopyOnWriteArrayList<>();
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            String from = "sender" + t;
            senders.add(new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    sent.add(send(link, append(from, "g", i)));
                }
            }));
        }
        // One that changes threads, as an appender does that takes turns here and there, one after the other.
        senders.add(new Thread(() -> {
            for (int i = 0; i < each; i++) {
                long term = i;
                if (i % 3 == 0) {
                    CompletableFuture.runAsync(() -> sent.add(send(link, append("both", "g", term))), link.loop())
                            .join();
                } else {
                    sent.add(send(link, append("both", "g", term)));
                }
            }
        }));
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            sender.join();
        }
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

        assertThat(came).hasSize(4);
        came.forEach((from, terms) ->
                assertThat(terms).as(from).hasSize(each).isSorted().doesNotHaveDuplicates());
    }

    @Test
    void shouldHoldUpNoOtherGroupWhenAnAppendHasToWait() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        List<Long> came = new CopyOnWriteArrayList<>();
        PeerTransport first = start(new FakeServer("1"), "1");
        start(
                new FakeServer("2") {
                    @Override
                    CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
                            throws IOException {
                        if (request.getLeaderTerm() == 1) {
                            try {
                                mayGoOn.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        }
                        if (request.getServerRequest()
                                .getRaftGroupId()
                                .getId()
                                .toStringUtf8()
                                .equals("electing")) {
                            came.add(request.getLeaderTerm());
                        }
                        return super.append(request);
                    }
                },
                "2",
                PeerTls.NONE,
                request -> request.getLeaderTerm() == 1 || request.getLeaderTerm() == 3);
        PeerLink link = up(first);

        List<CompletableFuture<Long>> held = new ArrayList<>();
        for (long term = 1; term <= 5; term++) {
            held.add(send(link, append("1", "electing", term)));
        }
        assertThat(send(link, append("1", "steady", 9)).get(20, TimeUnit.SECONDS))
                .isEqualTo(9);
        assertThat(first.requestVote(vote("2", 7)).getTerm()).isEqualTo(7);
        assertThat(held).noneMatch(CompletableFuture::isDone);
        assertThat(came).isEmpty();

        mayGoOn.countDown();
        CompletableFuture.allOf(held.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        assertThat(came).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(send(link, append("1", "electing", 6)).get(20, TimeUnit.SECONDS))
                .isEqualTo(6);
    }

    @Test
    void shouldHangUpWhenAStrangerCallsOrAFrameIsTooLarge() throws Exception {
        PeerTransport server = start(new FakeServer("2"), "2");
        int port = server.getInetSocketAddress().getPort();
        try (var stranger = new RawPeer.Accepted(new Socket(InetAddress.getLoopbackAddress(), port))) {
            stranger.say("GET / HTTP/1.1\r\n\r\n");
            assertThat(stranger.ends()).isTrue();
        }
        try (var oversize = new RawPeer.Accepted(new Socket(InetAddress.getLoopbackAddress(), port))) {
            oversize.sayHello();
            oversize.sayFrame(Frame.BODY_BYTES_MAX + 100, Frame.APPEND, 1);
            assertThat(oversize.ends()).isTrue();
        }
        try (var unknown = new RawPeer.Accepted(new Socket(InetAddress.getLoopbackAddress(), port))) {
            unknown.sayHello();
            unknown.sayFrame(Long.BYTES + 1, 42, 1);
            assertThat(unknown.ends()).isTrue();
        }
    }

    @Test
    void shouldTalkTlsToMembersOnly(@TempDir Path keys) throws Exception {
        TestCertificates certificates = TestCertificates.make(keys, "broker1", "broker2");
        PeerTransport first = start(new FakeServer("1"), "1", tls(certificates, "broker1"), request -> false);
        start(new FakeServer("2"), "2", tls(certificates, "broker2"), request -> false);
        PeerTransport plain = start(new FakeServer("3"), "3");

        for (long term = 1; term <= 50; term++) {
            assertThat(first.requestVote(vote("2", term)).getTerm()).isEqualTo(term);
        }
        PeerLink link = up(first);
        ByteString large = ByteString.copyFrom(new byte[300_000]);
        AppendEntriesRequestProto request = append("1", "g", 5).toBuilder()
                .setServerRequest(header("1", "2", "g").toBuilder().setRequestorId(large))
                .build();
        assertThat(send(link, request).get(20, TimeUnit.SECONDS)).isEqualTo(5);
        assertThatThrownBy(() -> plain.requestVote(vote("2", 1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> first.requestVote(vote("3", 1))).isInstanceOf(IOException.class);
    }

    @Test
    void shouldFailCallsWhenItIsClosed() throws Exception {
        PeerTransport first = start(new FakeServer("1"), "1");
        start(new FakeServer("2"), "2");
        assertThat(first.requestVote(vote("2", 7)).getTerm()).isEqualTo(7);

        first.close();

        assertThatThrownBy(() -> first.requestVote(vote("2", 7))).hasMessageContaining("is closed");
        assertThat(first.link(SECOND, "made later").isUp()).isFalse();
    }

    private static PeerTls tls(TestCertificates certificates, String name) throws Exception {
        return new PeerTls(
                Optional.of(SslContextBuilder.forClient()
                        .keyManager(
                                certificates.certFile(name).toFile(),
                                certificates.keyFile(name).toFile())
                        .trustManager(certificates.caFile().toFile())
                        .endpointIdentificationAlgorithm(null)
                        .build()),
                Optional.of(SslContextBuilder.forServer(
                                certificates.certFile(name).toFile(),
                                certificates.keyFile(name).toFile())
                        .trustManager(certificates.caFile().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build()));
    }
}
