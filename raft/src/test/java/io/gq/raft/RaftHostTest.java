package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.PayloadExtent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of groups on their hosts: made, closed, recovered, set aside, deleted. */
final class RaftHostTest {

    @TempDir
    Path directory;

    @Test
    void shouldKeepWhatWasAcknowledgedWhenLeaderStops() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);

            leader.stop();
            cluster.write(group, "b");
            leader.start(); // on another port
            leader.open(group, cluster.peers());
            cluster.write(group, "c");

            cluster.awaitWords(group, List.of("a", "b", "c"));
            await().until(() -> leader.group(group).leadership().leader().isPresent());
            assertThat(leader.fetches).isEmpty();
        }
    }

    @Test
    void shouldRecoverEveryGroupWhenAllHostsRestart() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId first = cluster.create();
            GroupId second = cluster.create();
            cluster.write(first, "+a");
            cluster.write(second, "b");

            cluster.hosts.values().forEach(TestCluster.Host::stop);
            for (TestCluster.Host host : cluster.hosts.values()) {
                host.start();
                assertThat(host.raft.known()).containsExactlyInAnyOrder(first, second);
                host.open(first, List.of());
                host.open(second, List.of());
            }
            cluster.write(first, "c");

            cluster.awaitWords(first, List.of("+a", "c"));
            cluster.awaitWords(second, List.of("b"));
        }
    }

    @Test
    void shouldWritePayloadOnceWhenProposed() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host leader = cluster.awaitLeader(group);
            int count = 40;
            int bytes = 20_000;

            for (int i = 0; i < count; i++) {
                leader.propose(group, "+" + i, new byte[bytes]);
            }
            cluster.awaitWords(group, TestCluster.words("+", count));

            for (TestCluster.Host host : cluster.hosts.values()) {
                assertThat(TestCluster.sizeOfFiles(host.machineDirectory(group)))
                        .isEqualTo((long) count * bytes);
                assertThat(TestCluster.sizeOfFiles(host.groupDirectory(group))).isLessThan(128 << 10);
            }
        }
    }

    @Test
    void shouldKnowFoundersWhenRestartedBeforeAnyEntry() throws Exception {
        try (LoneReplica replica = new LoneReplica(directory)) {
            replica.host.stop();
            replica.host.start();

            RatisGroup reopened = replica.host.open(replica.group, List.of());

            assertThat(reopened.members().voters()).containsExactlyInAnyOrderElementsOf(replica.founders());
            assertThat(Files.exists(replica.host
                            .groupDirectory(replica.group)
                            .resolve("current")
                            .resolve("raft-meta.conf")))
                    .as("Ratis has kept nothing")
                    .isFalse();
        }
    }

    @Test
    void shouldSetDamagedGroupAsideAndStartTheOthers() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId good = cluster.create();
            GroupId complete = cluster.create();
            List<GroupId> bad = List.of(cluster.create(), cluster.create(), cluster.create());
            cluster.write(good, "a");
            cluster.write(complete, "c");
            bad.forEach(group -> cluster.write(group, "lost"));
            host.stop();
            Path meta = current(host, bad.get(0)).resolve("raft-meta");
            Files.writeString(meta, "term=many\n");
            Files.write(current(host, complete).resolve("raft-meta.conf"), new byte[] {1, 2, 3});
            flip(logFile(current(host, bad.get(1))), 40);
            Files.createFile(host.machineDirectory(bad.get(2)).resolve("damaged"));

            host.start();
            for (GroupId group : bad) {
                assertThatThrownBy(() -> host.open(group, cluster.peers()))
                        .isInstanceOf(BrokerException.class)
                        .extracting(e -> ((BrokerException) e).code())
                        .isEqualTo(ErrorCode.REPLICA_DAMAGED);
            }
            host.open(good, cluster.peers());
            cluster.write(good, "b");
            host.open(complete, cluster.peers());
            cluster.write(complete, "d");

            assertThat(host.machine(good).words()).containsExactly("a", "b");
            assertThat(host.machine(complete).words())
                    .as("its log holds the configuration too")
                    .containsExactly("c", "d");
            await().until(() -> host.failures.keySet().containsAll(bad));
            assertThat(host.failures.values()).allMatch(failure -> failure.kind() == GroupFailure.Kind.DAMAGED);
            List<Path> aside = Directories.list(host.home.resolve("raft/damaged"));
            assertThat(aside).hasSize(bad.size());
            assertThat(aside).allMatch(path -> Files.exists(path.resolve("raft/current")));
            assertThat(aside).anyMatch(path -> Files.exists(path.resolve("machine/damaged")));
            assertThatThrownBy(() -> host.open(bad.get(0), cluster.peers()))
                    .as("an empty replica must not vote under its old name")
                    .hasMessageContaining("its files are gone");
        }
    }

    @Test
    void shouldBeFencedWhereItsConfigurationCannotBeWritten() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            cluster.write(group, "a");
            host.stop();
            List<Path> inTheWay = List.of(
                    current(host, group).resolve("raft-meta.conf.tmp"),
                    current(host, group).resolve("raft-meta.conf.whole.tmp"));
            for (Path path : inTheWay) {
                Files.createDirectory(path);
            }

            host.start();
            host.open(group, cluster.peers()); // and leads, in a new term: with an entry for its configuration
            await().until(() -> host.failures.containsKey(group));
            assertThat(host.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.STORAGE);

            for (Path path : inTheWay) {
                Files.delete(path);
            }
            host.open(group, cluster.peers());
            cluster.write(group, "b");
            assertThat(host.machine(group).words()).containsExactly("a", "b");
        }
    }

    @Test
    void shouldBeFencedWhereItsMachineCannotWrite() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            cluster.write(group, "a");
            host.raft.storageFailed(group, new IOException("no room"));
            host.raft.storageFailed(group, new IOException("no room"));
            await().until(() -> host.failures.containsKey(group));
            assertThat(host.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.STORAGE);
            host.open(group, cluster.peers());
            cluster.write(group, "b");
            assertThat(host.machine(group).words()).containsExactly("a", "b");
        }
    }

    @Test
    void shouldSayWhetherItsLogsGetOn() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            cluster.write(group, "a");
            await().until(() -> host.raft.waitingWrites().isEmpty());

            CompletableFuture<Void> disk = new CompletableFuture<>();
            host.machine(group).writeAnswer.set(disk);
            CompletableFuture<?> proposed =
                    host.group(group).propose(ToyMachine.bytes("+b"), ByteBuffer.wrap(new byte[10]));
            await().until(() -> host.raft.waitingWrites().containsKey(group));
            long before = host.raft.waitingWrites().get(group);
            assertThat(host.raft.waitingWrites()).containsEntry(group, before);

            disk.complete(null);
            cluster.get(proposed);
            await().until(() -> host.raft.waitingWrites().isEmpty());

            CompletableFuture<Void> again = new CompletableFuture<>();
            host.machine(group).writeAnswer.set(again);
            CompletableFuture<?> stuck =
                    host.group(group).propose(ToyMachine.bytes("+c"), ByteBuffer.wrap(new byte[10]));
            await().until(() -> host.raft.waitingWrites().containsKey(group));
            assertThat(host.raft.waitingWrites().get(group)).isGreaterThan(before);
            host.raft.storageFailed(group, new IOException("gone"));
            assertThat(host.raft.waitingWrites()).as("fenced").isEmpty();
            again.completeExceptionally(new IOException("gone"));
            assertThat(stuck).failsWithin(TestCluster.LONG);
        }
    }

    /** Nobody holds its broker for dead, and by themselves the followers would stand after five minutes. */
    @Test
    void shouldAskForAnElectionWhenALeaderIsFenced() throws Exception {
        RaftConfig patient = TestCluster.quickConfig()
                .withElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6))
                .withFirstElectionTimeout(Duration.ofMinutes(5), Duration.ofMinutes(6));
        try (TestCluster cluster = new TestCluster(directory, patient, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host leader = cluster.host(1);
            await().until(() -> leader.group(group).startElection());
            cluster.write(group, "a");
            cluster.awaitWords(group, List.of("a"));

            leader.raft.storageFailed(group, new IOException("no room"));

            await().until(() -> leader.failures.containsKey(group));
            await().until(() ->
                    cluster.host(2).leadsReady(group) || cluster.host(3).leadsReady(group));
            cluster.write(group, "b");
            cluster.host(2).awaitWords(group, List.of("a", "b"));
            cluster.host(3).awaitWords(group, List.of("a", "b"));
        }
    }

    @Test
    void shouldComeBackAsANewMemberWhenDistrusted() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host host = cluster.host(3);
            host.awaitWords(group, List.of("a"));
            host.stop();
            host.start();
            assertThat(host.raft.distrusted().groups()).isEmpty();

            assertThat(host.raft.distrusted().addAll()).containsExactly(group);
            host.stop();
            host.start();

            assertThat(host.raft.distrusted().groups()).as("marked for good").containsExactly(group);
            assertThat(host.raft.presence(group)).isEqualTo(RaftHost.Presence.DISTRUSTED);
            assertThatThrownBy(() -> host.open(group, cluster.peers())).hasMessageContaining("may have forgotten");
            cluster.write(group, "b");
            cluster.get(cluster.awaitLeader(group).group(group).dismiss(host.self.node(), TestCluster.LONG));
            host.open(group, List.of());
            assertThat(host.machine(group).words()).as("opened empty").isEmpty();
            cluster.get(cluster.awaitLeader(group).group(group).admit(host.self, TestCluster.LONG));
            cluster.write(group, "c");

            host.awaitWords(group, List.of("a", "b", "c"));
            assertThat(host.raft.distrusted().groups()).isEmpty();
            assertThat(host.raft.presence(group)).isEqualTo(RaftHost.Presence.PRESENT);
        }
    }

    @Test
    void shouldVoteAgainWithWhatIsWholeWhenAnOperatorTrustsIt() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            cluster.write(group, "b");
            TestCluster.Host host = cluster.host(1);
            long lastIndex = cluster.awaitLeader(group).group(group).status().lastIndex();
            host.stop();
            host.start();
            PayloadExamination whole = (g, tail) -> new PayloadExtent(LogPosition.NONE, tail.endIndex(), 0, 2);
            assertThatThrownBy(() -> host.raft.distrusted().holding(group, whole))
                    .hasMessageContaining("trusted (expected: one that may have forgotten");
            host.raft.distrusted().addAll();

            DistrustedHolding holding = host.raft.distrusted().holding(group, whole);
            assertThat(holding.last().index()).isGreaterThanOrEqualTo(lastIndex);
            assertThat(holding.voters()).containsExactly(host.self);
            LogPosition another =
                    new LogPosition(holding.last().term(), holding.last().index() + 1);
            assertThatThrownBy(() -> host.raft.distrusted().trust(group, another, whole))
                    .hasMessageContaining("expected: " + another);
            assertThat(host.raft.presence(group)).isEqualTo(RaftHost.Presence.DISTRUSTED);

            host.raft.distrusted().trust(group, holding.last(), whole);
            assertThat(host.raft.presence(group)).isEqualTo(RaftHost.Presence.PRESENT);
            assertThat(host.raft.distrusted().groups()).isEmpty();
            host.open(group, List.of());
            cluster.write(group, "c");
            host.awaitWords(group, List.of("a", "b", "c"));
        }
    }

    @Test
    void shouldRefuseFoundersWhenFilesAreGone() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            host.raft.close(group);
            Directories.delete(host.groupDirectory(group));

            assertThatThrownBy(() -> host.open(group, cluster.peers())).hasMessageContaining("its files are gone");
            RatisGroup joining = host.open(group, List.of());

            assertThat(joining.members().voters()).isEmpty();
            assertThat(joining.leadership().role()).isEqualTo(Leadership.Role.LEARNER);
            assertThat(joining.startElection()).isFalse();
        }
    }

    @Test
    void shouldRefuseFoundersWithoutItself() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            assertThatThrownBy(() -> cluster.host(1).open(TestCluster.newGroup(), List.of(LoneReplica.SECOND)))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("founders");
        }
    }

    @Test
    void shouldStartOverWhenCreationWasCutShort() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = TestCluster.newGroup();
            new GroupRegistry(host.home.resolve("raft/registry"))
                    .put(group, new GroupRegistry.Entry(GroupRegistry.State.CREATING, cluster.peers()));
            Files.createDirectories(current(host, group));

            host.open(group, cluster.peers());
            cluster.write(group, "a");

            assertThat(host.machine(group).words()).containsExactly("a");
        }
    }

    @Test
    void shouldSetAsideWhenRegistryDoesNotKnowTheFiles() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            host.raft.close(group);
            Files.delete(host.home.resolve("raft/registry").resolve(group.toString()));

            assertThatThrownBy(() -> host.open(group, cluster.peers()))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.REPLICA_DAMAGED);
        }
    }

    @Test
    void shouldRemoveAllFilesWhenDeleted() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            GroupId other = cluster.create();
            cluster.write(group, "+a");
            RatisGroup kept = host.group(group);

            host.raft.delete(group, host);
            host.raft.delete(group, host);

            assertThat(host.groupDirectory(group)).doesNotExist();
            assertThat(host.machineDirectory(group)).doesNotExist();
            assertThat(host.raft.groups()).containsExactly(other);
            assertThat(host.raft.known()).containsExactly(other);
            assertThat(kept.leadership().role()).isEqualTo(Leadership.Role.CLOSED);
            assertThat(kept.status().lastIndex()).isEqualTo(-1);
            assertThat(kept.startElection()).isFalse();
            assertThatThrownBy(() -> cluster.get(kept.propose(ToyMachine.bytes("x"), null)))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.NOT_READY);
        }
    }

    @Test
    void shouldFinishDeletionWhenItWasCutShort() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            TestCluster.Host host = cluster.host(1);
            GroupId group = cluster.create();
            host.raft.close(group);
            new GroupRegistry(host.home.resolve("raft/registry"))
                    .put(group, new GroupRegistry.Entry(GroupRegistry.State.DELETING, List.of()));

            assertThatThrownBy(() -> host.open(group, cluster.peers())).hasMessageContaining("is being deleted");
            host.raft.delete(group, host);

            assertThat(host.groupDirectory(group)).doesNotExist();
            assertThat(host.raft.known()).isEmpty();
        }
    }

    @Test
    void shouldRefuseToStartWhenPortIsTaken() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 1)) {
            int port = cluster.host(1).raft.port();
            RaftNode twin = new RaftNode(
                    RaftHostKind.PARTITIONS,
                    new PeerId(new NodeId(9), TestCluster.incarnation(9)),
                    directory.resolve("twin"),
                    "127.0.0.1",
                    port);

            assertThatThrownBy(() -> RaftHost.start(
                            twin, TestCluster.quickConfig(), cluster.host(1).environment()))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.ADDRESS_IN_USE);
        }
    }

    @Test
    void shouldJoinByAnySnapshotWhenReplicaIsFarBehind() throws Exception {
        RaftConfig smallLog = TestCluster.quickConfig().withLog(1024, 10, 0);
        try (TestCluster cluster = new TestCluster(directory, smallLog, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "+first");
            TestCluster.Host behind = cluster.hosts.values().stream()
                    .filter(host -> !host.leadsReady(group))
                    .findFirst()
                    .orElseThrow();
            behind.stop();
            List<String> expected = new ArrayList<>(List.of("+first"));
            for (String word : TestCluster.words("w", 60)) {
                cluster.write(group, word);
                expected.add(word);
            }
            TestCluster.Host leader = cluster.awaitLeader(group);
            await().until(() -> leader.machine(group).purgedBelow > 40);
            assertThat(leader.machine(group).purgedBelow)
                    .isEqualTo(leader.raft
                            .hosted(group)
                            .orElseThrow()
                            .division()
                            .getRaftLog()
                            .getStartIndex());

            behind.start();
            behind.open(group, List.of());

            behind.awaitWords(group, expected);
            assertThat(behind.fetches).isNotEmpty();
            cluster.write(group, "last");
            expected.add("last");
            cluster.awaitWords(group, expected);
        }
    }

    @Test
    void shouldComeBackEqualWhenDiskWasWiped() throws Exception {
        RaftConfig smallLog = TestCluster.quickConfig().withLog(1024, 10, 0);
        try (TestCluster cluster = new TestCluster(directory, smallLog, 3)) {
            GroupId group = cluster.create();
            List<String> expected = TestCluster.words("+w", 30);
            expected.forEach(word -> cluster.awaitLeader(group).propose(group, word, new byte[100]));
            TestCluster.Host wiped = cluster.hosts.values().stream()
                    .filter(host -> !host.leadsReady(group))
                    .findFirst()
                    .orElseThrow();
            PeerId old = wiped.self;
            wiped.stop();
            Directories.delete(wiped.home);
            wiped.self = new PeerId(old.node(), TestCluster.incarnation(77));
            wiped.start();

            RatisGroup leading = cluster.awaitLeader(group).group(group);
            cluster.get(leading.dismiss(old.node(), TestCluster.LONG));
            assertThat(leading.members().contains(old.node())).isFalse();
            wiped.open(group, List.of());
            cluster.get(leading.admit(wiped.self, TestCluster.LONG));
            cluster.get(leading.admit(wiped.self, TestCluster.LONG));

            assertThat(leading.members().voters()).hasSize(3).contains(wiped.self);
            cluster.write(group, "last");
            List<String> all = new ArrayList<>(expected);
            all.add("last");
            cluster.awaitWords(group, all);
            assertThat(wiped.fetches).isNotEmpty();
            await().until(() -> wiped.group(group).leadership().role() == Leadership.Role.FOLLOWER);
        }
    }

    @Test
    void shouldComeBackUnderItsNameWhenOnlyOneGroupWasDamaged() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host damaged = cluster.hosts.values().stream()
                    .filter(host -> !host.leadsReady(group))
                    .findFirst()
                    .orElseThrow();
            damaged.raft.close(group);
            Files.createFile(damaged.machineDirectory(group).resolve("damaged"));
            assertThatThrownBy(() -> damaged.open(group, cluster.peers())).isInstanceOf(BrokerException.class);

            RatisGroup leading = cluster.awaitLeader(group).group(group);
            cluster.get(leading.dismiss(damaged.self.node(), TestCluster.LONG));
            cluster.write(group, "b");
            damaged.open(group, List.of());
            cluster.get(leading.admit(damaged.self, TestCluster.LONG));

            cluster.write(group, "c");
            cluster.awaitWords(group, List.of("a", "b", "c"));
        }
    }

    @Test
    void shouldCloseOnlyItsGroupWhenAMachineThrows() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId broken = cluster.create();
            GroupId sound = cluster.create();
            cluster.write(sound, "a");
            TestCluster.Host leader = cluster.awaitLeader(broken);

            assertThatThrownBy(() -> leader.propose(broken, "throw"))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.OUTCOME_UNKNOWN);

            await().until(() -> cluster.hosts.values().stream()
                            .filter(h -> h.failures.containsKey(broken))
                            .count()
                    >= 2);
            assertThat(leader.failures.get(broken).kind()).isEqualTo(GroupFailure.Kind.DEFECT);
            assertThat(leader.raft.groups()).containsExactly(sound);
            assertThat(leader.machine(broken).isOpen()).isFalse();
            cluster.write(sound, "b");
            cluster.awaitWords(sound, List.of("a", "b"));
        }
    }

    @Test
    void shouldAnswerWhatIsOpenWhenAGroupIsClosed() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host leader = cluster.awaitLeader(group);
            cluster.write(group, "a");
            cluster.hosts.values().stream().filter(h -> h != leader).forEach(h -> h.raft.close(group));
            var open = leader.group(group).propose(ToyMachine.bytes("b"), ByteBuffer.allocate(0));

            leader.raft.close(group);

            assertThatThrownBy(() -> cluster.get(open)).isInstanceOf(BrokerException.class);
        }
    }

    @Test
    void shouldCloseOnlyItsGroupWhenAWriteFails() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            GroupId other = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host leader = cluster.awaitLeader(group);
            leader.machine(group)
                    .writeAnswer
                    .set(java.util.concurrent.CompletableFuture.failedFuture(new java.io.IOException("disk is gone")));

            assertThatThrownBy(() -> leader.propose(group, "+b", new byte[10]))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.OUTCOME_UNKNOWN);

            await().until(() -> leader.failures.containsKey(group));
            assertThat(leader.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.STORAGE);
            assertThat(leader.raft.group(group)).isEmpty();
            cluster.write(group, "c");
            assertThat(cluster.awaitLeader(group)).isNotSameAs(leader);
            cluster.write(other, "x");

            leader.open(group, List.of());
            cluster.write(group, "d");
            await().until(() -> leader.machine(group).words().contains("d"));
        }
    }

    @Test
    void shouldSetReplicaAsideWhenItsPayloadCannotBeRead() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            cluster.write(group, "a");
            TestCluster.Host behind = cluster.hosts.values().stream()
                    .filter(host -> !host.leadsReady(group))
                    .findFirst()
                    .orElseThrow();
            behind.stop();
            TestCluster.Host leader = cluster.awaitLeader(group);
            leader.propose(group, "+b", new byte[10]);
            leader.machine(group).readFails = true;

            behind.start();
            behind.open(group, List.of());

            await().atMost(TestCluster.LONG).until(() -> leader.failures.containsKey(group));
            assertThat(leader.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.DAMAGED);
            cluster.write(group, "c");
            behind.awaitWords(group, List.of("a", "+b", "c"));
        }
    }

    @Test
    void shouldTellWhenReplicaIsNoLongerAMember() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3)) {
            GroupId group = cluster.create();
            TestCluster.Host leader = cluster.awaitLeader(group);
            TestCluster.Host leaver = cluster.hosts.values().stream()
                    .filter(host -> host != leader)
                    .findFirst()
                    .orElseThrow();

            assertThatThrownBy(() -> cluster.get(leader.group(group).dismiss(leader.self.node(), TestCluster.LONG)))
                    .extracting(e -> ((BrokerException) e).code())
                    .isEqualTo(ErrorCode.INVALID_REQUEST);
            cluster.get(leader.group(group).dismiss(leaver.self.node(), TestCluster.LONG));
            cluster.get(leader.group(group).dismiss(leaver.self.node(), Duration.ofSeconds(5)));

            await().atMost(TestCluster.LONG).until(() -> leaver.failures.containsKey(group));
            assertThat(leaver.failures.get(group).kind()).isEqualTo(GroupFailure.Kind.DISMISSED);
            assertThat(leader.group(group).members().voters()).hasSize(2);
        }
    }

    private static Path current(TestCluster.Host host, GroupId group) {
        return host.groupDirectory(group).resolve("current");
    }

    private static Path logFile(Path current) {
        return Directories.list(current).stream()
                .filter(file -> file.getFileName().toString().startsWith("log_"))
                .findFirst()
                .orElseThrow();
    }

    private static void flip(Path file, int position) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[position] ^= 1;
        Files.write(file, bytes);
    }
}
