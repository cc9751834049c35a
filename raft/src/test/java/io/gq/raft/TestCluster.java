package io.gq.raft;

import static org.awaitility.Awaitility.await;

import io.gq.core.BrokerException;
import io.gq.core.GroupId;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.core.replication.Leadership;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.core.time.Scheduler;
import io.gq.raft.transport.IoThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Some hosts in one process, on ports of their own, with toy machines. */
final class TestCluster implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(30);

    final Map<Integer, Host> hosts = new TreeMap<>();
    final AddressBook addresses = new AddressBook();
    private final Path directory;
    private final RaftConfig config;
    private final MachineMaker maker;
    private final IntFunction<Optional<RaftTls>> tls;
    private final ExecutorService background = Executors.newCachedThreadPool();
    private final IoThreads io =
            new IoThreads(2, name -> task -> new Thread(task, name), name -> task -> new Thread(task, name));
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);

    static RaftConfig quickConfig() {
        return RaftConfig.partitions()
                .withElectionTimeout(Duration.ofMillis(400), Duration.ofMillis(800))
                .withFirstElectionTimeout(Duration.ofMillis(100), Duration.ofMillis(500))
                .withEntryBytesMax(256 << 10);
    }

    /** Makes a machine whose files lie in the directory. */
    interface MachineMaker {
        StateMachine make(Host host, GroupId group, Path machineDirectory) throws IOException;
    }

    TestCluster(Path directory, RaftConfig config, int size) throws IOException {
        this(directory, config, size, (host, group, machineDirectory) -> new ToyMachine(machineDirectory));
    }

    TestCluster(Path directory, RaftConfig config, int size, MachineMaker maker) throws IOException {
        this(directory, config, size, maker, id -> Optional.empty());
    }

    /** @param tls of each host, by its id */
    TestCluster(Path directory, RaftConfig config, int size, MachineMaker maker, IntFunction<Optional<RaftTls>> tls)
            throws IOException {
        this.tls = tls;
        this.directory = directory;
        this.config = config;
        this.maker = maker;
        for (int id = 1; id <= size; id++) {
            hosts.put(id, new Host(id, incarnation(id)));
            host(id).start();
        }
    }

    TestCluster(Path directory, int size) throws IOException {
        this(directory, quickConfig(), size);
    }

    static String incarnation(int seed) {
        return String.format("%016x", seed);
    }

    static GroupId newGroup() {
        return new GroupId(UUID.randomUUID());
    }

    Host host(int id) {
        return hosts.get(id);
    }

    List<PeerId> peers() {
        return hosts.values().stream().map(host -> host.self).toList();
    }

    /** Opens a new group on all hosts. */
    GroupId create() {
        GroupId group = newGroup();
        hosts.values().forEach(host -> host.open(group, peers()));
        return group;
    }

    /** The host that leads and may take proposals, when there is one. */
    Host awaitLeader(GroupId group) {
        return awaitLeader(group, host -> true);
    }

    Host awaitLeader(GroupId group, Predicate<Host> condition) {
        return await().atMost(LONG)
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> hosts.values().stream()
                                .filter(host -> host.leadsReady(group))
                                .filter(condition)
                                .findFirst()
                                .orElse(null),
                        host -> host != null);
    }

    /** Makes the host lead, also where another stood before it and won. */
    Host lead(GroupId group, int id) {
        Host wanted = host(id);
        await().atMost(LONG)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    wanted.group(group).startElection();
                    return await().until(
                                            () -> hosts.values().stream().anyMatch(host -> host.leadsReady(group)),
                                            led -> led)
                            && wanted.leadsReady(group);
                });
        return wanted;
    }

    /** Proposes a word at whoever leads, again and again until it was accepted. */
    void write(GroupId group, String word) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(10)).until(() -> {
            try {
                return awaitLeader(group).propose(group, word).accepted();
            } catch (BrokerException e) {
                return false;
            }
        });
    }

    void awaitWords(GroupId group, List<String> words) {
        for (Host host : hosts.values()) {
            if (host.raft != null && host.raft.groups().contains(group)) {
                host.awaitWords(group, words);
            }
        }
    }

    @Override
    public void close() {
        // Together: each waits for its logs' threads, which look up once a second.
        CompletableFuture.allOf(hosts.values().stream()
                        .map(host -> CompletableFuture.runAsync(host::stop, background))
                        .toArray(CompletableFuture[]::new))
                .join();
        io.close();
        background.shutdownNow();
        timer.shutdownNow();
    }

    <T> T get(Future<T> future) {
        try {
            return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    final class Host implements GroupListener, StateMachineFactory {

        final int id;
        final Path home;
        PeerId self;
        volatile @Nullable RaftHost raft;
        final Map<GroupId, ToyMachine> machines = new ConcurrentHashMap<>();
        final Map<GroupId, String> damages = new ConcurrentHashMap<>();
        final Map<GroupId, GroupFailure> failures = new ConcurrentHashMap<>();
        final List<Leadership> leaderships = new CopyOnWriteArrayList<>();
        final List<PeerId> fetches = new CopyOnWriteArrayList<>();
        volatile SnapshotFetcher fetcher = this::fetchFromPeer;

        Host(int id, String incarnation) {
            this.id = id;
            this.self = new PeerId(new NodeId(id), incarnation);
            this.home = directory.resolve("node-" + id);
        }

        void start() throws IOException {
            raft = RaftHost.start(
                    new RaftNode(RaftHostKind.PARTITIONS, self, home.resolve("raft"), "127.0.0.1", 0, tls.apply(id)),
                    config,
                    new RaftEnvironment(
                            addresses,
                            (g, p, h) -> fetcher.fetch(g, p, h),
                            this,
                            Clock.systemUTC(),
                            System::nanoTime,
                            scheduler(),
                            background,
                            background,
                            io));
            addresses.put(RaftHostKind.PARTITIONS, self.node(), "127.0.0.1", raft.port());
        }

        RaftEnvironment environment() {
            return new RaftEnvironment(
                    addresses,
                    (group, peer, held) -> fetcher.fetch(group, peer, held),
                    this,
                    Clock.systemUTC(),
                    System::nanoTime,
                    scheduler(),
                    background,
                    background,
                    io);
        }

        void stop() {
            if (raft != null) {
                raft.close();
                raft = null;
            }
        }

        RatisGroup open(GroupId group, List<PeerId> founders) {
            return raft.open(group, founders, this);
        }

        RatisGroup group(GroupId group) {
            return raft.group(group).orElseThrow();
        }

        ToyMachine machine(GroupId group) {
            return machines.get(group);
        }

        boolean leadsReady(GroupId group) {
            RaftHost running = raft;
            if (running == null || running.group(group).isEmpty()) {
                return false;
            }
            Leadership leadership = running.group(group).get().leadership();
            return leadership.role() == Leadership.Role.LEADER && leadership.ready();
        }

        Outcome propose(GroupId group, String word) {
            return propose(group, word, new byte[word.startsWith("+") ? 10 : 0]);
        }

        Outcome propose(GroupId group, String word, byte[] payload) {
            return get(group(group).propose(ToyMachine.bytes(word), ByteBuffer.wrap(payload)));
        }

        void awaitWords(GroupId group, List<String> words) {
            await().atMost(LONG).until(() -> machine(group).words().equals(words));
        }

        Path groupDirectory(GroupId group) {
            return home.resolve("raft/groups").resolve(group.toString());
        }

        Path machineDirectory(GroupId group) {
            return home.resolve("machines").resolve(group.toString());
        }

        private SnapshotReader fetchFromPeer(GroupId group, PeerId leader, ByteBuffer held) throws IOException {
            fetches.add(leader);
            return host(leader.node().value()).group(group).snapshot(held);
        }

        @Override
        public StateMachine create(GroupId group) throws IOException {
            StateMachine machine = maker.make(this, group, machineDirectory(group));
            if (machine instanceof ToyMachine toy) {
                machines.put(group, toy);
            }
            return machine;
        }

        @Override
        public void delete(GroupId group) throws IOException {
            Directories.delete(machineDirectory(group));
        }

        @Override
        public void setAside(GroupId group, Path target) throws IOException {
            if (Files.exists(machineDirectory(group))) {
                Files.move(machineDirectory(group), target.resolve("machine"));
            }
        }

        @Override
        public void leadershipChanged(GroupId group, Leadership leadership) {
            leaderships.add(leadership);
        }

        @Override
        public void damaged(GroupId group, String what) {
            damages.put(group, what);
        }

        @Override
        public void failed(GroupId group, GroupFailure failure) {
            failures.put(group, failure);
        }
    }

    static long sizeOfFiles(Path directory) {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> words(String prefix, int count) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(prefix + i);
        }
        return words;
    }

    private Scheduler scheduler() {
        return new Scheduler() {
            @Override
            public Cancellable after(Duration delay, Runnable task) {
                var future = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }

            @Override
            public Cancellable every(Duration delay, Runnable task) {
                var future = timer.scheduleWithFixedDelay(task, delay.toNanos(), delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }
        };
    }
}
