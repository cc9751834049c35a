package io.gq.client.consumer;

import com.google.protobuf.ByteString;
import io.gq.client.GqException;
import io.gq.client.internal.Backoff;
import io.gq.client.internal.PartitionView;
import io.gq.core.TopicPartition;
import io.gq.core.service.FetchService.At;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where one partition is read. Guarded by the {@link Fetcher}'s monitor, but for {@link #position}. */
final class PartitionFetch {

    final TopicPartition topicPartition;
    final Backoff backoff;

    /** The next offset to be handed out; -1: not known yet. Belongs to the consumer's thread, which sets it with the monitor. */
    long position = -1;

    /** The next offset to be asked for; -1: not known yet. */
    long fetchOffset = -1;

    /** Where to go, before anything can be asked for. */
    @Nullable
    At seekTo;

    boolean lookingUp;
    /** The fetch it takes part in. */
    @Nullable
    FetchCall fetch;

    int seeks;
    int bufferedBytes;
    long highWatermarkSeen;
    long notBeforeNanos;
    int corruptions;

    /** Told at each poll, until a seek. */
    @Nullable
    GqException failure;

    @Nullable
    ByteString topicId;

    /** Failures since the leader was last turned to: the next replica is asked after each. */
    private int turns;

    private int leader;
    private long term;

    PartitionFetch(TopicPartition topicPartition, Backoff backoff) {
        this.topicPartition = topicPartition;
        this.backoff = backoff;
    }

    void seek(long offset, @Nullable At at) {
        seeks++;
        position = offset;
        fetchOffset = offset;
        seekTo = at;
        failure = null;
        corruptions = 0;
    }

    /** The node to be asked; 0: none can be. */
    int node(PartitionView view, Set<Integer> alive, Choice choice) {
        if (view.leader() != leader || view.term() != term) {
            leader = view.leader();
            term = view.term();
            turns = 0;
        }
        if (choice.leaderOnly()) {
            return view.leader();
        }
        List<Integer> order = new ArrayList<>();
        if (!choice.followersFirst() && view.leader() != 0) {
            order.add(view.leader());
        }
        List<Integer> followers = view.replicas().stream()
                .filter(n -> n != view.leader() && alive.contains(n))
                .toList();
        for (int i = 0; i < followers.size(); i++) {
            order.add(followers.get(Math.floorMod(choice.salt() + topicPartition.partition() + i, followers.size())));
        }
        if (choice.followersFirst() && view.leader() != 0) {
            order.add(view.leader());
        }
        return order.isEmpty() ? 0 : order.get(turns % order.size());
    }

    /** Whether another node leads than when the node to be asked was last chosen. */
    boolean leaderReplaced(PartitionView view) {
        return leader != 0 && view.leader() != 0 && view.leader() != leader && view.term() > term;
    }

    /** Whether that node led when it was chosen. */
    boolean askedLeader(int node) {
        return node == leader;
    }

    /** The node that was asked did not serve: another one next time. */
    void turnAway() {
        turns++;
    }

    /**
     * Which replicas may be asked.
     *
     * @param salt spreads consumers over followers
     */
    record Choice(boolean leaderOnly, boolean followersFirst, int salt) {}
}
