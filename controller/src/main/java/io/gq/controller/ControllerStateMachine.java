package io.gq.controller;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gq.controller.CheckpointFormat.Checkpoint;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ClusterImageCodec;
import io.gq.controller.image.Decision;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.Invariant;
import io.gq.core.io.StorageFiles;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.core.replication.Entry;
import io.gq.core.replication.LogPosition;
import io.gq.core.replication.LogTail;
import io.gq.core.replication.Outcome;
import io.gq.core.replication.SnapshotReader;
import io.gq.core.replication.StateMachine;
import io.gq.proto.v1.ControllerCommand;
import io.gq.proto.v1.ControllerCommand.CommandCase;
import io.gq.proto.v1.ControllerReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of the cluster's metadata. Its whole state is a {@link ClusterImage} and the position it stands for; a command is
 * decided from the image and, where accepted, gives the next image. The image is kept in memory and, at checkpoints, in one file.
 *
 * <p>A reply is a {@link ControllerReply}: the version of the image that holds the change, and the producer ids handed out. A refusal
 * is a rejected {@link Outcome}; bytes that are no command are refused like any other bad input.
 */
public final class ControllerStateMachine implements StateMachine {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerStateMachine.class);

    private final GroupId group;
    private final CheckpointFile file;
    private final Consumer<ClusterImage> publisher;

    private volatile State state = new State(LogPosition.NONE, ClusterImage.EMPTY);
    private volatile LogPosition checkpointed = LogPosition.NONE;

    /**
     * @param directory of this group alone; made where it does not exist
     * @param publisher given every new image in order, from the thread that applies, before the proposer has its answer; must be quick.
     *     At open and install it is given the image restored. An exception it throws is logged and changes nothing
     */
    public ControllerStateMachine(GroupId group, Path directory, StorageFiles files, Consumer<ClusterImage> publisher) {
        this.group = group;
        this.file = new CheckpointFile(files, directory);
        this.publisher = publisher;
    }

    /** The newest image applied. Any thread. */
    public ClusterImage image() {
        return state.image;
    }

    @Override
    public LogPosition open(LogTail tail) throws IOException, DamagedReplicaException {
        Optional<ByteBuffer> content = file.read();
        if (content.isPresent()) {
            try {
                Checkpoint checkpoint = CheckpointFormat.decode(group, content.get());
                state = new State(checkpoint.position(), checkpoint.image());
            } catch (IllegalArgumentException e) {
                throw new DamagedReplicaException(file.path() + ": " + e.getMessage());
            }
        }
        LogPosition position = state.position;
        if (tail.startIndex() > position.index() + 1) {
            throw new DamagedReplicaException("controller checkpoint: index " + position.index() + " (expected: >= "
                    + (tail.startIndex() - 1) + ", before which the log no longer reaches)");
        }
        checkpointed = position;
        if (content.isPresent()) {
            LOG.info("controller state restored position={} image={}", position, state.image);
            publish(state.image);
        }
        return position;
    }

    @Override
    public Outcome apply(Entry entry) {
        State before = state;
        if (entry.index() <= before.position.index()) {
            return Outcome.DONE;
        }
        ControllerCommand command;
        try {
            command = ControllerCommand.parseFrom(entry.command().duplicate());
        } catch (InvalidProtocolBufferException e) {
            state = new State(entry.position(), before.image);
            LOG.warn("controller command refused position={} reason=malformed", entry.position());
            return Outcome.rejected(
                    ErrorCode.INVALID_REQUEST, "controller command: malformed (expected: a ControllerCommand)");
        }
        Decision decision = CommandDecider.decide(before.image, command);
        state = new State(entry.position(), decision.image());
        if (decision.error() != null) {
            LOG.info(
                    "controller command refused command={} position={} code={} reason={}",
                    command.getCommandCase(),
                    entry.position(),
                    decision.error(),
                    decision.message());
            return Outcome.rejected(decision.error(), decision.message());
        }
        if (decision.image() != before.image) {
            logChange(command.getCommandCase(), entry.position(), decision.image());
            publish(decision.image());
        }
        return Outcome.done(reply(decision));
    }

    @Override
    public void skip(LogPosition position) {
        State before = state;
        if (position.index() > before.position.index()) {
            state = new State(position, before.image);
        }
    }

    @Override
    public LogPosition applied() {
        return state.position;
    }

    @Override
    public LogPosition checkpoint() throws IOException {
        State now = state;
        if (!now.position.equals(checkpointed)) {
            file.write(CheckpointFormat.encode(group, now.position, now.image));
            checkpointed = now.position;
        }
        return checkpointed;
    }

    @Override
    public LogPosition checkpointed() {
        return checkpointed;
    }

    /** Nothing to prepare: commands are decided when they are applied. */
    @Override
    public void lead(long term) {}

    @Override
    public void follow() {}

    /** Empty: a snapshot always holds the whole image. */
    @Override
    public ByteBuffer held() {
        return ByteBuffer.allocate(0);
    }

    @Override
    public SnapshotReader snapshot(ByteBuffer held) {
        State now = state;
        return new SnapshotFrames(now.position, CheckpointFormat.encode(group, now.position, now.image));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException where the snapshot is damaged, of another group or older than what is applied here; nothing has changed then
     */
    @Override
    public LogPosition install(SnapshotReader snapshot) throws IOException {
        ByteBuffer content = SnapshotFrames.join(snapshot);
        Checkpoint installed;
        try {
            installed = CheckpointFormat.decode(group, content);
        } catch (IllegalArgumentException e) {
            throw new IOException("controller snapshot: " + e.getMessage(), e);
        }
        if (!installed.position().equals(snapshot.position())) {
            throw new IOException("controller snapshot: position " + installed.position() + " (expected: "
                    + snapshot.position() + ")");
        }
        State before = state;
        if (installed.position().index() < before.position.index()) {
            throw new IOException("controller snapshot: position " + installed.position() + " (expected: at least "
                    + before.position + ", applied here)");
        }
        file.write(content);
        state = new State(installed.position(), installed.image());
        checkpointed = installed.position();
        LOG.info("controller snapshot installed position={} image={}", installed.position(), installed.image());
        publish(installed.image());
        return installed.position();
    }

    /** The bytes of the present state, equal on every replica that stands at the same position. For comparing replicas. */
    public byte[] encodedImage() {
        return ClusterImageCodec.encode(state.image);
    }

    @Override
    public void close() {}

    private static ByteBuffer reply(Decision decision) {
        return ControllerReply.newBuilder()
                .setImageVersion(decision.image().version())
                .setProducerIdStart(decision.producerIdStart())
                .setProducerIdCount(decision.producerIdCount())
                .build()
                .toByteString()
                .asReadOnlyByteBuffer();
    }

    private static void logChange(CommandCase command, LogPosition position, ClusterImage image) {
        if (command == CommandCase.ALLOCATE_PRODUCER_IDS) {
            LOG.debug("controller command applied command={} position={} image={}", command, position, image);
        } else {
            LOG.info("controller command applied command={} position={} image={}", command, position, image);
        }
    }

    private void publish(ClusterImage image) {
        try {
            publisher.accept(image);
        } catch (Invariant.Violation e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("cluster image not taken by a listener image={}", image, e);
        }
    }

    /** Position and image change together. */
    private record State(LogPosition position, ClusterImage image) {}
}
