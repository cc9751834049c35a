package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.AwaitForSignal;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ratis 3.3.0 does without us: why there are measures. Each test names the finding of docs/design/0002 it shows. */
final class RatisAloneTest {

    private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(1, 1));
    private static final RaftPeer SELF =
            RaftPeer.newBuilder().setId("n1").setAddress("127.0.0.1:1").build();
    private static final RaftPeer OTHER =
            RaftPeer.newBuilder().setId("n2").setAddress("127.0.0.1:2").build();

    @TempDir
    Path directory;

    private long callIds;

    /** M1. */
    @Test
    void shouldMakeAnEmptyVoterWhenAGroupsDirectoryIsMissing() throws Exception {
        try (RaftServer server = server(new BaseStateMachine())) {
            server.start();

            server.groupManagement(GroupManagementRequest.newAdd(
                    ClientId.randomId(), server.getId(), callIds++, RaftGroup.valueOf(GROUP, SELF, OTHER), false));

            assertThat(server.getDivision(GROUP).getInfo().isFollower())
                    .as("although it was not told to format")
                    .isTrue();
            assertThat(server.getDivision(GROUP).getRaftConf().getCurrentPeers())
                    .hasSize(2);
        }
    }

    /** M2 and M3. */
    @Test
    void shouldForgetFoundersAndStartNoneWhenOneGroupIsDamaged() throws Exception {
        RaftGroupId damaged = RaftGroupId.valueOf(new UUID(1, 2));
        try (RaftServer server = server(new BaseStateMachine())) {
            server.start();
            for (RaftGroupId group : List.of(GROUP, damaged)) {
                server.groupManagement(GroupManagementRequest.newAdd(
                        ClientId.randomId(), server.getId(), callIds++, RaftGroup.valueOf(group, SELF, OTHER), true));
            }
        }

        try (RaftServer server = server(new BaseStateMachine())) {
            server.start();
            assertThat(server.getDivision(GROUP).getRaftConf().getCurrentPeers())
                    .as("the founders")
                    .isEmpty();
        }

        Files.writeString(directory.resolve(damaged.getUuid().toString()).resolve("current/raft-meta"), "term=many\n");
        try (RaftServer server = server(new BaseStateMachine())) {
            assertThatThrownBy(server::start).isInstanceOf(Exception.class);
        }
    }

    /** D9. */
    @Test
    void shouldLoseAPermitWhenAnAppendIsRefused() throws Exception {
        BaseStateMachine refusing = new BaseStateMachine() {
            @Override
            public TransactionContext preAppendTransaction(TransactionContext transaction) throws IOException {
                throw new StateMachineException("no", false);
            }
        };
        try (RaftServer server = server(refusing)) {
            server.start();
            server.groupManagement(GroupManagementRequest.newAdd(
                    ClientId.randomId(), server.getId(), callIds++, RaftGroup.valueOf(GROUP, SELF), true));
            await().until(() -> server.getDivision(GROUP).getInfo().isLeaderReady());

            for (int i = 0; i < 4; i++) {
                assertThat(write(server).getException()).isInstanceOf(StateMachineException.class);
            }

            assertThatThrownBy(() -> write(server))
                    .as("nothing is pending")
                    .hasRootCauseInstanceOf(ResourceUnavailableException.class);
        }
    }

    /** A1. */
    @Test
    void shouldSleepThroughASignalWhenItCameBefore() throws Exception {
        AwaitForSignal signal = new AwaitForSignal("test");
        signal.signal();

        assertThat(signal.await(10, TimeUnit.MILLISECONDS)).isFalse();
    }

    private RaftClientReply write(RaftServer server) throws Exception {
        return server.submitClientRequestAsync(RaftClientRequest.newBuilder()
                        .setClientId(ClientId.randomId())
                        .setServerId(server.getId())
                        .setGroupId(GROUP)
                        .setCallId(callIds++)
                        .setType(RaftClientRequest.writeRequestType())
                        .setMessage(Message.valueOf("x"))
                        .build())
                .get(10, TimeUnit.SECONDS);
    }

    private RaftServer server(BaseStateMachine machine) throws IOException {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
        GrpcConfigKeys.Server.setPort(properties, 0);
        RaftServerConfigKeys.Write.setElementLimit(properties, 4);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                properties, TimeDuration.valueOf(Duration.ofMillis(50).toMillis(), TimeUnit.MILLISECONDS));
        return RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf("n1"))
                .setStateMachineRegistry(group -> machine)
                .setProperties(properties)
                .build();
    }
}
