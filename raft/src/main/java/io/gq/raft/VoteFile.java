package io.gq.raft;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group's term and vote on disk ({@code raft-meta}, as Ratis writes and reads it). Where the disk refuses a write, Ratis' own (3.3.0)
 * puts in place what was written of it, mostly nothing: the vote is lost, and with it the replica; a full disk would cost a replica of
 * every group that has an election then. This one keeps the old file, and says that it could not write. It adds a checksum, which Ratis
 * passes over: a term or a vote in which a bit has flipped could let the replica vote twice in a term.
 *
 * <p>The file is durable when {@link #persist} returns, its name when its directory is synced, which is the caller's business.
 *
 * <p>It is put in Ratis' place past its visibility; where a later version has no such place, Ratis goes on as it does. Safe for use by
 * many threads.
 */
final class VoteFile implements RaftStorageMetadataFile {

    private static final Logger LOG = LoggerFactory.getLogger(VoteFile.class);

    static final String NAME = "raft-meta";
    private static final String CHECKSUM = "crc32c";

    private final Path file;
    private final Consumer<IOException> failed;
    private RaftStorageMetadata metadata;

    /**
     * @param metadata what the file holds
     * @param failed told of every write that failed; must be quick
     */
    VoteFile(Path file, RaftStorageMetadata metadata, Consumer<IOException> failed) {
        this.file = file;
        this.metadata = metadata;
        this.failed = failed;
    }

    /** To be called before the group takes part in anything. */
    static void install(RaftServer.Division division, Consumer<IOException> failed) {
        try {
            RaftStorage storage = division.getRaftStorage();
            Object place = RatisInternals.value(storage, "metaFile");
            @SuppressWarnings("unchecked")
            AtomicReference<RaftStorageMetadataFile> current =
                    (AtomicReference<RaftStorageMetadataFile>) RatisInternals.value(place, "ref");
            RaftStorageMetadataFile before = storage.getMetadataFile();
            Path file = storage.getStorageDir().getCurrentDir().toPath().resolve(NAME);
            current.set(new VoteFile(file, before.getMetadata(), failed));
            try {
                storage.getMetadataFile();
            } catch (ClassCastException e) {
                current.set(before);
                throw e;
            }
        } catch (ReflectiveOperationException | IOException | RuntimeException e) {
            LOG.warn("Ratis writes term and vote itself: a full disk may cost a replica", e);
        }
    }

    @Override
    public synchronized RaftStorageMetadata getMetadata() {
        return metadata;
    }

    @Override
    public synchronized void persist(RaftStorageMetadata wanted) throws IOException {
        if (wanted.equals(metadata)) {
            return;
        }
        try {
            Directories.rewrite(file, encode(wanted));
        } catch (IOException e) {
            failed.accept(e);
            throw e;
        }
        metadata = wanted;
    }

    /** Whether what the file holds is what was written; true where Ratis wrote it, whose files have no checksum. */
    static boolean fitsChecksum(Properties properties) {
        String written = properties.getProperty(CHECKSUM);
        return written == null || written.equals(checksum(properties));
    }

    private static String checksum(Properties properties) {
        CRC32C crc = new CRC32C();
        crc.update((properties.getProperty("term") + " " + properties.getProperty("votedFor"))
                .getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    private static byte[] encode(RaftStorageMetadata metadata) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("term", Long.toString(metadata.getTerm()));
        properties.setProperty("votedFor", metadata.getVotedFor().toString());
        properties.setProperty(CHECKSUM, checksum(properties));
        StringWriter text = new StringWriter();
        properties.store(text, null);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
