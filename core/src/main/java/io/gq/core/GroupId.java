package io.gq.core;

import java.util.UUID;

/** A Raft group: drawn once by the controller when a partition is made, stored with it and never used again. */
public record GroupId(UUID value) {

    public static GroupId parse(String text) {
        return new GroupId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
