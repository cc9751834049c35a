package io.gq.client.consumer;

import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as a publisher: its one subscriber gets records as it asks for them, on a thread of its own. Polls no more than was
 * asked for.
 */
final class ConsumerPublisher implements Flow.Publisher<ConsumedRecord> {

    private static final Duration POLL = Duration.ofMillis(500);

    private final Consumer consumer;
    private final ThreadFactory threads;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    ConsumerPublisher(Consumer consumer, ThreadFactory threads) {
        this.consumer = consumer;
        this.threads = threads;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ConsumedRecord> subscriber) {
        if (!subscribed.compareAndSet(false, true)) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
            subscriber.onError(new IllegalStateException("subscribers: 2 (expected: one a consumer)"));
            return;
        }
        Delivery delivery = new Delivery(subscriber);
        subscriber.onSubscribe(delivery);
        threads.newThread(delivery).start();
    }

    private final class Delivery implements Flow.Subscription, Runnable {
        private final Flow.Subscriber<? super ConsumedRecord> subscriber;
        private long demand;
        private boolean cancelled;
        private @Nullable Throwable badRequest;

        Delivery(Flow.Subscriber<? super ConsumedRecord> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public synchronized void request(long n) {
            if (n <= 0) {
                badRequest = new IllegalArgumentException("request: " + n + " (expected: > 0)");
            } else {
                demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
            }
            notifyAll();
        }

        @Override
        public synchronized void cancel() {
            cancelled = true;
            consumer.wakeup();
            notifyAll();
        }

        @Override
        public void run() {
            try {
                for (long wanted = awaitDemand(); wanted > 0; wanted = awaitDemand()) {
                    for (ConsumedRecord record : consumer.poll(POLL, (int) Math.min(wanted, Integer.MAX_VALUE))) {
                        if (!delivered()) {
                            return;
                        }
                        subscriber.onNext(record);
                    }
                    if (consumer.closed()) {
                        subscriber.onComplete();
                        return;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                subscriber.onError(e);
            }
        }

        /** What may be delivered; 0: the subscription is over. */
        private synchronized long awaitDemand() throws InterruptedException {
            while (demand == 0 && !cancelled && badRequest == null) {
                wait();
            }
            Throwable bad = badRequest;
            if (bad != null && !cancelled) {
                cancelled = true;
                subscriber.onError(bad);
            }
            return cancelled ? 0 : demand;
        }

        private synchronized boolean delivered() {
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            return !cancelled;
        }
    }
}
