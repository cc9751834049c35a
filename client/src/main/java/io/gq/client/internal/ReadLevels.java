package io.gq.client.internal;

import io.gq.core.service.ReadLevel;

/** Read levels as the wire writes them. */
public final class ReadLevels {

    private ReadLevels() {}

    public static io.gq.proto.v1.ReadLevel toWire(ReadLevel level) {
        return switch (level) {
            case COMMITTED -> io.gq.proto.v1.ReadLevel.READ_LEVEL_COMMITTED;
            case LINEARIZABLE -> io.gq.proto.v1.ReadLevel.READ_LEVEL_LINEARIZABLE;
            case LEADER -> io.gq.proto.v1.ReadLevel.READ_LEVEL_LEADER;
        };
    }
}
