package io.gq.core;

import java.util.UUID;

/** Identity of a topic; a topic deleted and made again under the same name has another one. */
public record TopicId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
