package io.gq.bench.load;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A cluster in memory that acknowledges from a thread of its own, one record after the other. */
final class FakeDriver implements Driver {

    final Map<String, List<byte[]>> topics = new ConcurrentHashMap<>();
    final List<String> deleted = new ArrayList<>();
    final AtomicInteger inFlight = new AtomicInteger();
    final AtomicInteger inFlightMax = new AtomicInteger();
    final AtomicInteger senders = new AtomicInteger();
    final AtomicInteger receivers = new AtomicInteger();
    volatile int receiversMax = Integer.MAX_VALUE;
    volatile Duration stallAt100 = Duration.ZERO;
    volatile @Nullable RuntimeException failure;
    volatile boolean losing;

    @Override
    public void createTopic(String topic, int partitions, int replicas, Map<String, String> config) {
        topics.put(topic, new ArrayList<>());
    }

    @Override
    public void deleteTopic(String topic) {
        topics.remove(topic);
        deleted.add(topic);
    }

    private List<byte[]> log(String topic) {
        return topics.computeIfAbsent(topic, name -> new ArrayList<>());
    }

    @Override
    public RecordSender sender(String topic, SenderOptions options) {
        senders.incrementAndGet();
        return new FakeSender(topic);
    }

    @Override
    public RecordReceiver receiver(String topic) {
        if (receivers.get() == receiversMax) {
            throw new BrokerException(ErrorCode.BROKER_UNAVAILABLE, "connections: too many");
        }
        receivers.incrementAndGet();
        return new FakeReceiver(log(topic));
    }

    @Override
    public void close() {}

    private record Waiting(List<byte[]> value, Answer answer) {}

    private final class FakeSender implements RecordSender {
        private final List<byte[]> log;
        private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>(10_000);
        private final AtomicInteger unanswered = new AtomicInteger();
        private final Thread thread = new Thread(this::acknowledge, "fake-cluster");
        private int acknowledged;

        FakeSender(String topic) {
            this.log = log(topic);
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void send(byte[] value, Answer answer) {
            inFlightMax.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            unanswered.incrementAndGet();
            try {
                waiting.put(new Waiting(List.of(value), answer));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The system under test stands still for so long. */
        private void stall(long nanos) {
            long end = System.nanoTime() + nanos;
            while (System.nanoTime() - end < 0) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }

        private void acknowledge() {
            try {
                while (true) {
                    Waiting next = waiting.take();
                    if (acknowledged++ == 100) {
                        stall(stallAt100.toNanos());
                    }
                    if (!losing) {
                        synchronized (log) {
                            log.addAll(next.value);
                        }
                    }
                    inFlight.decrementAndGet();
                    next.answer.answered(failure);
                    unanswered.decrementAndGet();
                }
            } catch (InterruptedException e) {
                // closed
            }
        }

        @Override
        public void flush() {
            while (unanswered.get() > 0) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    private final class FakeReceiver implements RecordReceiver {
        private final List<byte[]> log;
        private int next;

        FakeReceiver(List<byte[]> log) {
            this.log = log;
        }

        @Override
        public long available() {
            synchronized (log) {
                return log.size();
            }
        }

        @Override
        public void seekToStart() {
            next = 0;
        }

        @Override
        public void seekToEnd() {
            next = (int) available();
        }

        @Override
        public void poll(Duration wait, Sink sink) {
            List<byte[]> found;
            synchronized (log) {
                found = List.copyOf(log.subList(next, Math.min(log.size(), next + 1000)));
            }
            next += found.size();
            found.forEach(value -> sink.record(ByteBuffer.wrap(value)));
        }

        @Override
        public void close() {
            receivers.decrementAndGet();
        }
    }
}
