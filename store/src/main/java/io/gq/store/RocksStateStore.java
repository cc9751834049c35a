package io.gq.store;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.GroupId;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of all groups of a broker in one RocksDB. The write-ahead log is off: what is lost in a crash is derived again from the
 * groups' Raft logs, so only {@link #flush} makes changes durable. RocksDB may flush earlier by itself; it does so in the order of
 * writing and never a part of a batch.
 *
 * <p>After a write that the disk refused, RocksDB refuses all others; only from a full disk it recovers by itself, seconds after there is
 * room again. So a call after any other failure opens it anew, with what was durable, at most once a second. Who wrote what is gone by that
 * was told, or has not flushed it: {@link #commit} does both in one.
 *
 * <p>Reads fail with a {@link BrokerException} STORAGE_ERROR, writes with an {@link IOException}; so does every call after
 * {@link #close}.
 */
public final class RocksStateStore implements StateStore {

    private static final Logger LOG = LoggerFactory.getLogger(RocksStateStore.class);
    /** Each failed attempt to open it leaves a file behind that the next one that succeeds takes away. */
    static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

    static {
        RocksDB.loadLibrary();
    }

    private final Path directory;
    private final RocksStateStoreConfig config;
    private final LongSupplier nanoClock;
    /** Native objects, closed in the opposite order of their making. */
    private final List<AutoCloseable> natives;

    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final FlushOptions waiting =
            new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true);
    /** Calls hold the read lock, close and reopen the write lock: native memory must not be freed under a call. */
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

    private RocksDB db;
    private boolean closed;
    private volatile boolean failed;
    /** Why it is not opened anew again at once. */
    private @Nullable BrokerException notReopened;

    private long notReopenedAtNanos;

    private RocksStateStore(
            Path directory,
            RocksStateStoreConfig config,
            LongSupplier nanoClock,
            RocksDB db,
            List<AutoCloseable> natives) {
        this.directory = directory;
        this.config = config;
        this.nanoClock = nanoClock;
        this.db = db;
        this.natives = natives;
    }

    /**
     * Opens the store, making it where there is none.
     *
     * @throws BrokerException DATA_DIR_IN_USE where another process (or another store of this one) has it open; STORAGE_ERROR where it
     *     cannot be read or written
     */
    public static RocksStateStore open(Path directory, RocksStateStoreConfig config, LongSupplier nanoClock) {
        List<AutoCloseable> natives = new ArrayList<>();
        try {
            Files.createDirectories(directory);
            Options options = options(config, natives);
            RocksDB db = keep(natives, RocksDB.open(options, directory.toString()));
            return new RocksStateStore(directory, config, nanoClock, db, natives);
        } catch (RocksDBException e) {
            free(natives);
            throw openFailed(directory, e);
        } catch (IOException e) {
            free(natives);
            throw new BrokerException(ErrorCode.STORAGE_ERROR, "state store " + directory + ": " + e, e);
        }
    }

    /**
     * Opens a store that nobody has open, and reads all its files to hold them against their checksums. Changes nothing, and takes no
     * changes.
     *
     * @throws BrokerException STORAGE_ERROR where it is not there, cannot be read or is damaged
     */
    public static RocksStateStore openVerified(Path directory) {
        List<AutoCloseable> natives = new ArrayList<>();
        try {
            RocksStateStoreConfig config = RocksStateStoreConfig.defaults();
            Options options = options(config, natives).setCreateIfMissing(false);
            RocksDB db = keep(natives, RocksDB.openReadOnly(options, directory.toString()));
            db.verifyChecksum();
            return new RocksStateStore(directory, config, () -> 0, db, natives); // it never fails in a write
        } catch (RocksDBException e) {
            free(natives);
            throw openFailed(directory, e);
        }
    }

    private static BrokerException openFailed(Path directory, RocksDBException e) {
        String reason = String.valueOf(e.getMessage());
        // RocksDB has no status of its own for a lock that is held
        boolean locked = reason.contains("lock hold by current process") || reason.contains("While lock file");
        return locked
                ? new BrokerException(
                        ErrorCode.DATA_DIR_IN_USE, "state store " + directory + ": in use by another process", e)
                : new BrokerException(ErrorCode.STORAGE_ERROR, "state store " + directory + ": " + reason, e);
    }

    private static Options options(RocksStateStoreConfig config, List<AutoCloseable> natives) {
        LRUCache cache = keep(natives, new LRUCache(config.blockCache().bytes()));
        WriteBufferManager memory =
                keep(natives, new WriteBufferManager(config.memtables().bytes(), cache));
        BloomFilter filter = keep(natives, new BloomFilter(10));
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setFilterPolicy(filter);
        return keep(natives, new Options())
                .setCreateIfMissing(true)
                .setTableFormatConfig(table)
                .setWriteBufferManager(memory)
                .setWriteBufferSize(config.memtables().bytes() / 4)
                .setMaxWriteBufferNumber(3)
                // one column family today; with more, a flush must still cut all of them at one point
                .setAtomicFlush(true)
                // closing must not make durable what nobody flushed
                .setAvoidFlushDuringShutdown(true)
                .setParanoidChecks(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(config.openFilesMax())
                .setMaxManifestFileSize(4 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0);
    }

    @Override
    public byte @Nullable [] get(GroupId group, byte[] key) {
        Lock lock = lockOpen();
        try {
            return db.get(GroupKeys.stored(group, key));
        } catch (RocksDBException e) {
            throw readFailed(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void scan(GroupId group, byte[] prefix, BiConsumer<byte[], byte[]> consumer) {
        byte[] from = GroupKeys.stored(group, prefix);
        byte[] to = GroupKeys.after(from);
        Lock lock = lockOpen();
        try (Slice end = to == null ? null : new Slice(to);
                ReadOptions options = new ReadOptions();
                RocksIterator rows = db.newIterator(end == null ? options : options.setIterateUpperBound(end))) {
            for (rows.seek(from); rows.isValid(); rows.next()) {
                consumer.accept(GroupKeys.own(rows.key()), rows.value());
            }
            rows.status();
        } catch (RocksDBException e) {
            throw readFailed(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Batch batch(GroupId group) {
        return new RowBatch(group);
    }

    @Override
    public void write(Batch batch) throws IOException {
        Lock lock = lockToWrite();
        try {
            put(batch);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush() throws IOException {
        Lock lock = lockToWrite();
        try {
            makeDurable();
        } finally {
            lock.unlock();
        }
    }

    /** Under one lock: what was written is not lost in between. */
    @Override
    public void commit(Batch batch) throws IOException {
        Lock lock = lockToWrite();
        try {
            put(batch);
            makeDurable();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void deleteGroup(GroupId group) throws IOException {
        byte[] from = GroupKeys.stored(group, new byte[0]);
        byte[] to = GroupKeys.after(from);
        Lock lock = lockToWrite();
        try (WriteBatch changes = new WriteBatch()) {
            if (to != null) {
                changes.deleteRange(from, to);
            } else { // the last group there can be: no key bounds its range
                List<byte[]> keys = new ArrayList<>();
                scan(group, new byte[0], (key, value) -> keys.add(key));
                for (byte[] key : keys) {
                    changes.delete(GroupKeys.stored(group, key));
                }
            }
            db.write(unlogged, changes);
            makeDurable();
        } catch (RocksDBException e) {
            throw writeFailed("delete", e);
        } finally {
            lock.unlock();
        }
    }

    private void put(Batch batch) throws IOException {
        if (!(batch instanceof RowBatch rows)) {
            throw new IllegalArgumentException(
                    "batch: " + batch.getClass().getName() + " (expected: one of this store)");
        }
        try (WriteBatch changes = new WriteBatch()) {
            for (Row row : rows.rows) {
                if (row.value == null) {
                    changes.delete(row.key);
                } else {
                    changes.put(row.key, row.value);
                }
            }
            db.write(unlogged, changes);
        } catch (RocksDBException e) {
            throw writeFailed("write", e);
        }
    }

    private void makeDurable() throws IOException {
        try {
            db.flush(waiting);
        } catch (RocksDBException e) {
            throw writeFailed("flush", e);
        }
    }

    /** Waits for calls under way. What was not flushed may be lost. Repeating it is harmless. */
    @Override
    public void close() {
        Lock lock = lifetime.writeLock();
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                free(natives);
                unlogged.close();
                waiting.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private Lock lockOpen() {
        Lock lock = lifetime.readLock();
        lock.lock();
        while (failed && !closed && lifetime.getReadHoldCount() == 1) {
            lock.unlock();
            reopen();
            lock.lock();
        }
        if (closed) {
            lock.unlock();
            throw new BrokerException(ErrorCode.SHUTTING_DOWN, "state store " + directory + ": closed");
        }
        return lock;
    }

    private Lock lockToWrite() throws IOException {
        try {
            return lockOpen();
        } catch (BrokerException e) {
            if (e.code() == ErrorCode.SHUTTING_DOWN) {
                throw e;
            }
            throw new IOException(e.getMessage(), e); // it could not be opened anew
        }
    }

    /** Where it fails, the next call tries again. */
    private void reopen() {
        Lock lock = lifetime.writeLock();
        lock.lock();
        try {
            if (closed || !failed) {
                return;
            }
            long now = nanoClock.getAsLong();
            if (notReopened != null && now - notReopenedAtNanos < REOPEN_PAUSE.toNanos()) {
                throw new BrokerException(notReopened.code(), notReopened.getMessage(), notReopened);
            }
            notReopenedAtNanos = now;
            free(natives);
            Options options = options(config, natives).setCreateIfMissing(false);
            db = keep(natives, RocksDB.open(options, directory.toString()));
            failed = false;
            notReopened = new BrokerException(
                    ErrorCode.STORAGE_ERROR,
                    "state store " + directory + ": failed again right after it was opened anew");
            LOG.warn("state store opened anew with what was durable directory={}", directory);
        } catch (RocksDBException e) {
            free(natives);
            notReopened = openFailed(directory, e);
            throw notReopened;
        } finally {
            lock.unlock();
        }
    }

    private BrokerException readFailed(RocksDBException e) {
        return new BrokerException(
                ErrorCode.STORAGE_ERROR, "state store " + directory + ": read: " + e.getMessage(), e);
    }

    private IOException writeFailed(String what, RocksDBException e) {
        boolean recovers = e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
        if (!recovers && !failed) {
            failed = true;
            LOG.error("state store failed, the next call opens it anew directory={} action={}", directory, what, e);
        }
        return new IOException("state store " + directory + ": " + what + ": " + e.getMessage(), e);
    }

    private static <T extends AutoCloseable> T keep(List<AutoCloseable> natives, T made) {
        natives.add(made);
        return made;
    }

    private static void free(List<AutoCloseable> natives) {
        Collections.reverse(natives);
        for (AutoCloseable one : natives) {
            try {
                one.close();
            } catch (Exception e) {
                LOG.warn("state store did not release everything", e);
            }
        }
        natives.clear();
    }

    /** A change of one key; a null value deletes it. */
    private static final class Row {
        private final byte[] key;
        private final byte @Nullable [] value;

        Row(byte[] key, byte @Nullable [] value) {
            this.key = key;
            this.value = value;
        }
    }

    private static final class RowBatch implements Batch {
        private final GroupId group;
        private final List<Row> rows = new ArrayList<>();

        RowBatch(GroupId group) {
            this.group = group;
        }

        @Override
        public Batch put(byte[] key, byte[] value) {
            rows.add(new Row(GroupKeys.stored(group, key), value.clone()));
            return this;
        }

        @Override
        public Batch delete(byte[] key) {
            rows.add(new Row(GroupKeys.stored(group, key), null));
            return this;
        }
    }
}
