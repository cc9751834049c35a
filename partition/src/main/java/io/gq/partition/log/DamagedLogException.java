package io.gq.partition.log;

import java.io.IOException;

/** Stored bytes fail their checksum or contradict each other: the replica must be rebuilt from its peers. */
public final class DamagedLogException extends IOException {

    private static final long serialVersionUID = 1L;

    public DamagedLogException(String message) {
        super(message);
    }
}
