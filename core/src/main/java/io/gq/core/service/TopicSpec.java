package io.gq.core.service;

import io.gq.core.TopicId;
import java.util.Optional;

/** A topic as a request names it: the name, and the id where the caller knows it. */
public record TopicSpec(Optional<TopicId> id, String name) {
    @Override
    public String toString() {
        return name.isEmpty() ? id.map(TopicId::toString).orElse("?") : name;
    }
}
