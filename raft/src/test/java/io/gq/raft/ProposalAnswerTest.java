package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.replication.Outcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A leader that ends while it applies an entry. Ratis (3.3.0) takes the entry's request out of its pending ones, which it is about to
 * answer, and then gives back what the request had taken of a semaphore; where the leader was stopped between the two the semaphore is
 * closed and throws, and nobody answers any more. It logs at both places, so the order can be brought about.
 */
class ProposalAnswerTest {

    private static final String RATIS = "org.apache.ratis.server.impl.PendingRequests";

    @TempDir
    Path directory;

    private final Logger logger = (Logger) LoggerFactory.getLogger(RATIS);
    private final Window window = new Window();

    /** Holds the applying thread from where it has taken out the request until the leader has ended. */
    private static final class Window extends UnsynchronizedAppenderBase<ILoggingEvent> {

        final CountDownLatch taken = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);
        private volatile String member = "none yet";

        void watch(GroupId group, TestCluster.Host leader) {
            member = leader.raft.hosted(group).orElseThrow().raftId().toString();
        }

        @Override
        protected void append(ILoggingEvent event) {
            String said = event.getFormattedMessage();
            if (!said.contains(member)) {
                return;
            }
            if (said.contains("PendingRequests.setNotLeaderException")) {
                ended.countDown();
            } else if (said.contains("PendingRequests.remove") && !said.endsWith("returns null")) {
                taken.countDown();
                try {
                    if (!ended.await(20, TimeUnit.SECONDS)) {
                        addError("the leader did not end");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    @BeforeEach
    void listen() {
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        window.setContext(logger.getLoggerContext());
        window.start();
        logger.addAppender(window);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(window);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void shouldAnswerAnEntryThatIsAppliedWhileTheLeaderStepsDown() throws Exception {
        RaftConfig oneAtATime = TestCluster.quickConfig().withPending(1, 4 << 20);
        try (TestCluster cluster = new TestCluster(directory, oneAtATime, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            CompletableFuture<Outcome> open = proposeIntoTheWindow(leader, group);

            CompletableFuture<?> unused = leader.group(group).stepDown(TestCluster.LONG);

            assertThat(window.ended.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(cluster.get(open).accepted()).isTrue();
            assertThatThrownBy(() -> leader.propose(group, "c"))
                    .as("there is room for a proposal again")
                    .extracting(e -> ((BrokerException) e).code())
                    .isNotEqualTo(ErrorCode.THROTTLED);
        }
    }

    @Test
    void shouldAnswerAnEntryThatIsAppliedWhileTheGroupIsClosed() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            CompletableFuture<Outcome> open = proposeIntoTheWindow(leader, group);

            leader.raft.close(group);

            assertThat(window.ended.getCount()).isZero();
            assertThat(cluster.get(open).accepted()).isTrue();
        }
    }

    private CompletableFuture<Outcome> proposeIntoTheWindow(TestCluster.Host leader, GroupId group)
            throws InterruptedException {
        window.watch(group, leader);
        CompletableFuture<Outcome> open = leader.group(group).propose(ToyMachine.bytes("b"), ByteBuffer.allocate(0));
        assertThat(window.taken.await(20, TimeUnit.SECONDS)).isTrue();
        return open;
    }
}
