package io.gq.broker.service;

import io.gq.proto.v1.ControllerReply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * Producer ids, handed out from a block that the controller gave this broker: an id is never given twice in the cluster, a block not
 * used up is lost with the process. Safe for use by many threads.
 */
public final class ProducerIds {

    private final IntFunction<CompletableFuture<ControllerReply>> allocate;
    private final int block;
    private final Queue<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean asking;

    /**
     * @param allocate asks the controller for that many ids
     * @param block how many to ask for at a time
     */
    public ProducerIds(IntFunction<CompletableFuture<ControllerReply>> allocate, int block) {
        this.allocate = allocate;
        this.block = block;
    }

    /** An id nobody has. Exceptionally a BrokerException where the controller cannot be reached. */
    public CompletableFuture<Long> take() {
        CompletableFuture<Long> taken = new CompletableFuture<>();
        synchronized (this) {
            if (next < end) {
                taken.complete(next++);
                return taken;
            }
            waiting.add(taken);
            if (asking) {
                return taken;
            }
            asking = true;
        }
        ask();
        return taken;
    }

    private void ask() {
        CompletableFuture<?> unused = allocate.apply(block).whenComplete((reply, failure) -> {
            if (failure == null) {
                give(reply);
            } else {
                fail(failure);
            }
        });
    }

    private void give(ControllerReply reply) {
        List<CompletableFuture<Long>> served = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        boolean more;
        synchronized (this) {
            next = reply.getProducerIdStart();
            end = next + reply.getProducerIdCount();
            while (!waiting.isEmpty() && next < end) {
                served.add(waiting.remove());
                ids.add(next++);
            }
            more = !waiting.isEmpty();
            asking = more;
        }
        for (int i = 0; i < served.size(); i++) {
            served.get(i).complete(ids.get(i));
        }
        if (more) {
            ask();
        }
    }

    private void fail(Throwable failure) {
        List<CompletableFuture<Long>> failed;
        synchronized (this) {
            failed = List.copyOf(waiting);
            waiting.clear();
            asking = false;
        }
        failed.forEach(f -> f.completeExceptionally(failure));
    }
}
