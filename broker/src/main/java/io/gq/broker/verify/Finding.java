package io.gq.broker.verify;

import java.util.List;

/**
 * What one part of a data directory came to.
 *
 * @param part {@code meta}, {@code tables}, {@code controller}, or a partition as {@code topic-0}
 * @param place where it lies, or its group
 * @param summary what it holds, where it is whole
 * @param damage what is wrong and where, one sentence each
 */
public record Finding(String part, String place, String summary, List<String> damage) {

    public Finding {
        damage = List.copyOf(damage);
    }

    public boolean clean() {
        return damage.isEmpty();
    }
}
