package io.gq.bench.load;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a workload asks of a product's Java client: as thin as can be, so that the client is what is measured. Failures come as the
 * client's own unchecked exceptions.
 */
public interface Driver extends AutoCloseable {

    /** Makes a topic and waits until all its partitions take writes. */
    void createTopic(String topic, int partitions, int replicas, Map<String, String> config);

    void deleteTopic(String topic);

    /** A producer with connections of its own. */
    RecordSender sender(String topic, SenderOptions options);

    /** A consumer of every partition of the topic, at its first records. */
    RecordReceiver receiver(String topic);

    @Override
    void close();

    /** What a workload sets on a producer; empty: the client's default. */
    record SenderOptions(OptionalInt batchBytes, Optional<Duration> linger) {

        public static final SenderOptions DEFAULTS = new SenderOptions(OptionalInt.empty(), Optional.empty());
    }

    /** For use by one thread. */
    interface RecordSender extends AutoCloseable {

        /** Hands a record over; may wait for room in the client's buffer. The value stays unchanged afterwards. */
        void send(byte[] value, Answer answer);

        /** Waits until everything handed over is answered. */
        void flush();

        @Override
        void close();
    }

    /** Called once for each record, by any thread. */
    interface Answer {
        /** @param failure null: acknowledged */
        void answered(@Nullable Throwable failure);
    }

    /** For use by one thread. */
    interface RecordReceiver extends AutoCloseable {

        /** Records the topic holds now. */
        long available();

        void seekToStart();

        /** To what is written from now on; when this returns, nothing later is missed. */
        void seekToEnd();

        /** Hands over what is there, or comes within the time. */
        void poll(Duration wait, Sink sink);

        @Override
        void close();
    }

    /** Takes a record that was read. */
    interface Sink {
        /** @param value valid during the call, position to limit; not to be changed */
        void record(ByteBuffer value);
    }
}
