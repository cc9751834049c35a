package io.gq.raft;

import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.PayloadStore;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A list of words on disk. A command that begins with {@code +} has a payload; {@code reject}, {@code throw} and {@code refuse} do so. */
final class ToyMachine implements StateMachine, PayloadStore {

    private final Path directory;
    private final List<String> words = new ArrayList<>();
    private volatile LogPosition applied = LogPosition.NONE;
    private volatile LogPosition checkpointed = LogPosition.NONE;
    private boolean open;

    final List<String> events = new CopyOnWriteArrayList<>();
    final ConcurrentHashMap<Long, Long> storedTerms = new ConcurrentHashMap<>();
    /** What a write of payload answers instead of storing it; null stores. */
    final AtomicReference<@Nullable CompletableFuture<Void>> writeAnswer = new AtomicReference<>();

    private final ConcurrentHashMap<Long, CompletableFuture<Void>> unwritten = new ConcurrentHashMap<>();
    /** Runs in the middle of an installation. */
    final AtomicReference<Runnable> duringInstall = new AtomicReference<>(() -> {});

    volatile long purgedBelow;
    volatile boolean readFails;
    volatile boolean readDamaged;

    ToyMachine(Path directory) {
        this.directory = directory;
    }

    synchronized List<String> words() {
        return List.copyOf(words);
    }

    @Override
    public synchronized LogPosition open(LogTail tail) throws IOException, DamagedReplicaException {
        Files.createDirectories(directory);
        if (Files.exists(file("damaged"))) {
            throw new DamagedReplicaException("toy: marked as damaged");
        }
        if (Files.exists(file("checkpoint"))) {
            load(Files.readAllBytes(file("checkpoint")));
        }
        for (Path file : Directories.list(directory)) {
            if (file.getFileName().toString().startsWith("payload-")) {
                List<String> parts = List.of(file.getFileName().toString().split("-", -1));
                long index = Long.parseLong(parts.get(1));
                if (index >= tail.endIndex() && index > checkpointed.index()) {
                    Files.delete(file);
                } else {
                    storedTerms.put(index, Long.parseLong(parts.get(2)));
                }
            }
        }
        for (Entry entry : tail.commands()) {
            boolean needed = text(entry.command()).startsWith("+") && entry.index() > checkpointed.index();
            if (needed && !Long.valueOf(entry.term()).equals(storedTerms.get(entry.index()))) {
                throw new DamagedReplicaException("toy: payload of " + entry.position() + " is missing");
            }
        }
        applied = checkpointed;
        open = true;
        return checkpointed;
    }

    @Override
    public synchronized Outcome apply(Entry entry) {
        if (entry.index() <= applied.index()) {
            return Outcome.DONE;
        }
        String word = text(entry.command());
        if (word.equals("throw")) {
            throw new IllegalStateException("toy: told to throw");
        }
        applied = entry.position();
        if (word.equals("reject")) {
            return Outcome.rejected(io.gq.core.ErrorCode.INVALID_REQUEST, "toy: told to reject");
        }
        words.add(word);
        return Outcome.done(bytes("echo " + word));
    }

    @Override
    public synchronized void skip(LogPosition position) {
        if (position.index() > applied.index()) {
            applied = position;
        }
    }

    @Override
    public LogPosition applied() {
        return applied;
    }

    @Override
    public synchronized LogPosition checkpoint() throws IOException {
        Directories.replace(file("checkpoint"), save());
        checkpointed = applied;
        return checkpointed;
    }

    @Override
    public LogPosition checkpointed() {
        return checkpointed;
    }

    @Override
    public @Nullable String verify(long term, ByteBuffer command) {
        return text(command).equals("refuse") ? "toy: told to refuse" : null;
    }

    @Override
    public void lead(long term) {
        events.add("lead " + term);
    }

    @Override
    public void follow() {
        events.add("follow");
    }

    @Override
    public PayloadStore payloads() {
        return this;
    }

    @Override
    public ByteBuffer held() {
        return ByteBuffer.allocate(8).putLong(0, applied.index());
    }

    @Override
    public synchronized SnapshotReader snapshot(ByteBuffer held) throws IOException {
        LogPosition position = applied;
        List<ByteBuffer> frames = new ArrayList<>();
        frames.add(ByteBuffer.wrap(save()));
        for (var stored : storedTerms.entrySet()) {
            if (stored.getKey() <= position.index()) {
                byte[] content = Files.readAllBytes(payload(stored.getKey(), stored.getValue()));
                frames.add(ByteBuffer.allocate(16 + content.length)
                        .putLong(stored.getKey())
                        .putLong(stored.getValue())
                        .put(content)
                        .flip());
            }
        }
        Iterator<ByteBuffer> all = frames.iterator();
        return new SnapshotReader() {
            private volatile boolean closed;

            @Override
            public LogPosition position() {
                return position;
            }

            @Override
            public @Nullable ByteBuffer next() throws IOException {
                if (closed) {
                    throw new IOException("closed");
                }
                return all.hasNext() ? all.next() : null;
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    /** Without the machine's monitor while it reads, as a real copy takes long. */
    @Override
    public LogPosition install(SnapshotReader snapshot) throws IOException {
        ByteBuffer state = snapshot.next();
        duringInstall.get().run();
        for (ByteBuffer frame = snapshot.next(); frame != null; frame = snapshot.next()) {
            long index = frame.getLong();
            long term = frame.getLong();
            byte[] content = new byte[frame.remaining()];
            frame.get(content);
            Files.write(payload(index, term), content);
            storedTerms.put(index, term);
        }
        byte[] image = new byte[state.remaining()];
        state.get(image);
        synchronized (this) {
            load(image);
            Directories.replace(file("checkpoint"), image);
            applied = checkpointed;
            events.add("install " + checkpointed);
            return checkpointed;
        }
    }

    @Override
    public synchronized void close() {
        open = false;
        events.add("close");
    }

    synchronized boolean isOpen() {
        return open;
    }

    // Payload

    @Override
    public CompletableFuture<Void> write(long term, long index, ByteBuffer command, ByteBuffer payload) {
        CompletableFuture<Void> answer = writeAnswer.get();
        if (answer != null) {
            unwritten.put(index, answer);
            return answer;
        }
        try {
            truncate(index);
            byte[] content = new byte[payload.remaining()];
            payload.get(content);
            Files.write(payload(index, term), content);
            storedTerms.put(index, term);
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> read(long term, long index) {
        try {
            if (readDamaged) {
                return CompletableFuture.failedFuture(new DamagedReplicaException("toy: rotten"));
            }
            if (readFails) {
                throw new IOException("toy: told to fail");
            }
            return CompletableFuture.completedFuture(ByteBuffer.wrap(Files.readAllBytes(payload(index, term))));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void truncate(long index) {
        storedTerms.forEach((stored, term) -> {
            if (stored >= index) {
                storedTerms.remove(stored);
                try {
                    Files.deleteIfExists(payload(stored, term));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
    }

    @Override
    public CompletableFuture<Void> flush(long index) {
        return CompletableFuture.allOf(unwritten.entrySet().stream()
                .filter(write -> write.getKey() <= index)
                .map(java.util.Map.Entry::getValue)
                .toArray(CompletableFuture[]::new));
    }

    @Override
    public void purged(long index) {
        purgedBelow = index;
    }

    // Bytes

    private byte[] save() throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeLong(applied.term());
        out.writeLong(applied.index());
        out.writeInt(words.size());
        for (String word : words) {
            out.writeUTF(word);
        }
        return bytes.toByteArray();
    }

    private void load(byte[] image) throws IOException {
        var in = new DataInputStream(new java.io.ByteArrayInputStream(image));
        checkpointed = new LogPosition(in.readLong(), in.readLong());
        words.clear();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            words.add(in.readUTF());
        }
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private Path payload(long index, long term) {
        return directory.resolve("payload-" + index + "-" + term);
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
