package io.gq.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection, its ups and downs; the peer is played by the test. */
@Timeout(60)
final class PeerLinkTest {

    private static final Duration NEVER = Duration.ofMinutes(5);
    private static final MessageLite EMPTY = AppendEntriesRequestProto.getDefaultInstance();

    private final IoThreads threads =
            new IoThreads(1, name -> task -> new Thread(task, name), name -> task -> new Thread(task, name));
    private final AtomicReference<InetSocketAddress> address = new AtomicReference<>();
    private final AtomicInteger rooms = new AtomicInteger();

    @AfterEach
    void close() {
        threads.close();
    }

    private PeerLink link(Duration silenceMax) {
        return new PeerLink(
                "peer",
                threads.next(),
                () -> Optional.ofNullable(address.get()),
                PeerTls.NONE,
                threads.lookup(),
                silenceMax);
    }

    /** What became of a request: its body, or the failure. */
    private static final class Result extends CompletableFuture<byte[]> implements PeerLink.Reply {
        @Override
        public void answered(byte[] body) {
            complete(body);
        }

        @Override
        public void failed(IOException cause) {
            completeExceptionally(cause);
        }

        String failure() throws Exception {
            try {
                get(20, TimeUnit.SECONDS);
                return Assertions.fail("was answered");
            } catch (ExecutionException e) {
                return e.getCause().getMessage();
            }
        }
    }

    private static Result call(PeerLink link) {
        Result result = new Result();
        link.call(Frame.VOTE, EMPTY, result);
        return result;
    }

    private static Result append(PeerLink link, MessageLite message) {
        Result result = new Result();
        link.append(message, result);
        return result;
    }

    @Test
    void shouldHoldCallsWhenThePeerHasNotSaidHello() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            Result first = call(link);
            Result second = call(link);
            try (RawPeer.Accepted connection = peer.accept()) {
                connection.in.readNBytes(Frame.HELLO_BYTES);
                connection.socket.setSoTimeout(50);
                Assertions.assertThatThrownBy(connection.in::read).isInstanceOf(SocketTimeoutException.class);
                assertThat(link.isUp()).isFalse();
                assertThat(append(link, EMPTY).failure())
                        .as("appends do not wait")
                        .contains("not connected");

                connection.socket.setSoTimeout(20_000);
                connection.sayHello();
                connection.answer(connection.readCall());
                connection.answer(connection.readCall());
                assertThat(first.get(20, TimeUnit.SECONDS)).isEmpty();
                assertThat(second.get(20, TimeUnit.SECONDS)).isEmpty();
                assertThat(link.isUp()).isTrue();
                assertThat(link.hasRoom()).isTrue();
            }
            link.close();
        }
    }

    @Test
    void shouldFailWhatIsOnItsWayAndConnectAnewWhenTheConnectionBreaks() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            PeerLink.User user = rooms::incrementAndGet;
            link.attach(user);
            for (int round = 1; round <= 3; round++) {
                RawPeer.Accepted connection = peer.accept().hello();
                int seen = round;
                await().until(() -> rooms.get() >= seen);
                Result answered = append(link, EMPTY);
                Result cut = append(link, EMPTY);
                connection.answer(connection.readCall());
                connection.readCall();
                assertThat(answered.get(20, TimeUnit.SECONDS)).isEmpty();
                connection.close();
                assertThat(cut.failure()).contains("was lost");
            }
            link.detach(user);
            link.close();
            assertThat(call(link).failure()).contains("is closed");
        }
    }

    @Test
    void shouldFailCallsAndTryAgainWhenNobodyListens() throws Exception {
        RawPeer gone = new RawPeer();
        address.set(gone.address());
        gone.close();
        PeerLink link = link(NEVER);
        link.attach(rooms::incrementAndGet);
        assertThat(call(link).failure()).contains("cannot be reached");

        address.set(null);
        assertThat(call(link).failure())
                .satisfiesAnyOf(
                        why -> assertThat(why).contains("no address"),
                        why -> assertThat(why).contains("cannot be reached"));
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            try (RawPeer.Accepted connection = peer.accept().hello()) {
                await().until(() -> rooms.get() == 1);
                assertThat(connection.socket.isConnected()).isTrue();
            }
        }
        link.close();
    }

    @Test
    void shouldLetAPeerGoWhenItOwesAnswersInSilence() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(Duration.ofMillis(200));
            link.attach(rooms::incrementAndGet);
            try (RawPeer.Accepted connection = peer.accept().hello()) {
                await().until(link::isUp);
                // Nothing is due: silence is no reason.
                await().during(Duration.ofMillis(500))
                        .atMost(Duration.ofSeconds(5))
                        .until(link::isUp);

                Result due = append(link, EMPTY);
                assertThat(due.failure()).contains("was lost");
                assertThat(connection.ends()).isTrue();
            }
            peer.accept().hello().close();
            link.close();
        }
    }

    @Test
    void shouldConnectAnewWhereItIsStuckWhenThePeerIsThereAgain() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            link.attach(rooms::incrementAndGet);
            try (RawPeer.Accepted connection = peer.accept().hello()) {
                await().until(link::isUp);
                link.renewWhereStuck();
                Result due = append(link, EMPTY);
                link.renewWhereStuck();
                await().during(Duration.ofMillis(700))
                        .atMost(Duration.ofSeconds(5))
                        .until(link::isUp);
                assertThat(due).as("nothing was due, or not for long").isNotDone();

                link.renewWhereStuck();

                assertThat(due.failure()).contains("was lost");
                assertThat(connection.ends()).isTrue();
            }
            try (RawPeer.Accepted again = peer.accept().hello()) {
                await().until(link::isUp);
                assertThat(again).isNotNull();
            }
            link.close();
        }
    }

    @Test
    void shouldLetAPeerGoWhenItAcceptsAndSaysNothing() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            Result held = call(link);
            try (RawPeer.Accepted connection = peer.accept()) {
                assertThat(held.failure()).contains("was lost");
                assertThat(connection.ends()).isTrue();
            }
            link.close();
        }
    }

    @Test
    void shouldRefuseAStrangerWhenItAnswersInAnotherLanguage() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            Result held = call(link);
            try (RawPeer.Accepted connection = peer.accept()) {
                connection.say("HTTP/1.1 400 Bad Request\r\n\r\n");
                assertThat(held.failure()).contains("was lost");
                assertThat(connection.ends()).isTrue();
                assertThat(link.isUp()).isFalse();
            }
            link.close();
        }
    }

    @Test
    void shouldFailOnlyTheRequestWhenItIsTooLargeForAFrame() throws Exception {
        try (RawPeer peer = new RawPeer()) {
            address.set(peer.address());
            PeerLink link = link(NEVER);
            link.attach(rooms::incrementAndGet);
            try (RawPeer.Accepted connection = peer.accept().hello()) {
                await().until(link::isUp);
                MessageLite huge = StateMachineEntryProto.newBuilder()
                        .setStateMachineData(ByteString.copyFrom(new byte[Frame.BODY_BYTES_MAX]))
                        .build();
                assertThat(append(link, huge).failure()).contains("cannot send");

                Result next = append(link, EMPTY);
                connection.answer(connection.readCall());
                assertThat(next.get(20, TimeUnit.SECONDS)).isEmpty();
            }
            link.close();
        }
    }

    @Test
    void shouldFollowWhenHostOrPortOfThePeerChange() throws Exception {
        try (RawPeer first = new RawPeer();
                RawPeer second = new RawPeer()) {
            address.set(first.address());
            PeerLink link = link(NEVER);
            link.attach(rooms::incrementAndGet);
            RawPeer.Accepted old = first.accept().hello();
            await().until(link::isUp);
            link.addressChanged();
            assertThat(append(link, EMPTY)).as("the same address").isNotCompleted();
            old.answer(old.readCall());

            address.set(second.address());
            link.addressChanged();
            assertThat(old.ends()).isTrue();
            RawPeer.Accepted atSecond = second.accept().hello();
            await().until(link::isUp);

            address.set(InetSocketAddress.createUnresolved(
                    "localhost", second.address().getPort()));
            link.addressChanged();
            assertThat(atSecond.ends()).as("another host, the same port").isTrue();
            RawPeer.Accepted unsaid = second.accept();
            await().until(() -> !link.isUp());

            // While the connection is being made.
            address.set(first.address());
            link.addressChanged();
            unsaid.hello();
            assertThat(unsaid.ends()).isTrue();
            first.accept().hello().close();
            link.close();
        }
    }
}
