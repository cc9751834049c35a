package io.gq.core;

import java.util.Optional;

/**
 * Every error a caller can see. Name and number are stable for ever; new codes are added, none is renumbered or given another
 * meaning.
 */
public enum ErrorCode {
    // 1000: routing and availability. The same call may succeed in a moment, perhaps at another broker.
    NOT_LEADER(1000, Kind.RETRIABLE, "refresh metadata and send to the leader"),
    LEADER_NOT_AVAILABLE(1001, Kind.RETRIABLE, "an election is under way; try again"),
    NO_QUORUM(1002, Kind.RETRIABLE, "bring the named replicas back"),
    REPLICA_BEHIND(1003, Kind.RETRIABLE, "read from another replica or wait"),
    NOT_READY(1004, Kind.RETRIABLE, "the broker or replica is still starting; try again"),
    BROKER_UNAVAILABLE(1005, Kind.RETRIABLE, "check that the broker runs and the address is right"),
    THROTTLED(1006, Kind.RETRIABLE, "slow down: wait as long as the answer says"),
    TIMEOUT(1007, Kind.UNKNOWN_OUTCOME, "the call may have taken effect; an idempotent producer may repeat it"),
    OUTCOME_UNKNOWN(1008, Kind.UNKNOWN_OUTCOME, "the call may have taken effect; an idempotent producer may repeat it"),
    SHUTTING_DOWN(1009, Kind.RETRIABLE, "the broker is stopping; send to another"),

    // 1100: names and places that do not exist.
    UNKNOWN_TOPIC(1100, Kind.NOT_FOUND, "see gq-admin list-topics"),
    UNKNOWN_TOPIC_ID(1101, Kind.NOT_FOUND, "the topic was deleted and made again; refresh metadata"),
    UNKNOWN_PARTITION(1102, Kind.NOT_FOUND, "see gq-admin describe-topic"),
    UNKNOWN_BROKER(1103, Kind.NOT_FOUND, "see gq-admin describe-cluster"),
    OFFSET_OUT_OF_RANGE(1104, Kind.FATAL, "seek to an offset within the range"),

    // 1200: bad input.
    INVALID_REQUEST(1200, Kind.FATAL, "correct the request"),
    INVALID_TOPIC(1201, Kind.FATAL, "choose another name"),
    TOPIC_EXISTS(1202, Kind.FATAL, "choose another name or use the topic"),
    INVALID_CONFIG(1203, Kind.FATAL, "correct the setting"),
    INVALID_PARTITIONS(1204, Kind.FATAL, "correct the number of partitions"),
    INVALID_REPLICAS(1205, Kind.FATAL, "start more brokers or ask for fewer replicas"),
    MESSAGE_TOO_LARGE(1206, Kind.FATAL, "send smaller records or raise max_message_size"),
    CORRUPT_BATCH(1207, Kind.FATAL, "the bytes were damaged on the way or the client is wrong; send the batch again"),
    UNSUPPORTED_COMPRESSION(1208, Kind.FATAL, "use none, gzip, snappy, lz4 or zstd"),
    UNSUPPORTED_VERSION(1209, Kind.FATAL, "use a client that fits the broker"),

    // 1300: idempotent producers.
    OUT_OF_ORDER_SEQUENCE(1300, Kind.FATAL, "an earlier batch of this producer is missing"),
    UNKNOWN_PRODUCER_ID(1301, Kind.FATAL, "the broker forgot this producer; take a new producer id"),
    PRODUCER_FENCED(1302, Kind.FATAL, "a newer producer with the same id has taken over"),

    // 1400: disks and replicas.
    DISK_FULL(1400, Kind.RETRIABLE, "free disk space or add retention; produce resumes by itself"),
    STORAGE_ERROR(1401, Kind.RETRIABLE, "look at the broker's log; the replica was stopped"),
    REPLICA_DAMAGED(1402, Kind.RETRIABLE, "the replica is being rebuilt from its peers; read elsewhere"),
    DATA_DIR_IN_USE(1403, Kind.FATAL, "stop the other process or use another data_dir"),
    DATA_DIR_MISMATCH(1404, Kind.FATAL, "point the node at its own data directory"),
    CLUSTER_MISMATCH(1405, Kind.FATAL, "connect to brokers of one cluster"),
    ADDRESS_IN_USE(1406, Kind.FATAL, "stop what listens there or choose another port"),
    NOTHING_TO_RECOVER(1407, Kind.FATAL, "see gq-admin why-no-leader"),

    // 1500: permission.
    UNAUTHENTICATED(1500, Kind.FATAL, "log in"),
    UNAUTHORIZED(1501, Kind.FATAL, "ask for permission"),

    // 1900: defects of ours.
    INTERNAL(1900, Kind.UNKNOWN_OUTCOME, "look at the broker's log and report it");

    /** What a caller may conclude from a code. */
    public enum Kind {
        /** Not done; the same call may succeed later. */
        RETRIABLE,
        /** Not done; the thing named does not exist. */
        NOT_FOUND,
        /** Not done; the same call will be refused again. */
        FATAL,
        /** May or may not have been done. */
        UNKNOWN_OUTCOME
    }

    private final int number;
    private final Kind kind;
    private final String hint;

    ErrorCode(int number, Kind kind, String hint) {
        this.number = number;
        this.kind = kind;
        this.hint = hint;
    }

    public int number() {
        return number;
    }

    public Kind kind() {
        return kind;
    }

    /** What to do about it, for a person: one sentence without a full stop. */
    public String hint() {
        return hint;
    }

    /** True where the call was certainly not done and may succeed when it is repeated. */
    public boolean retriable() {
        return kind == Kind.RETRIABLE;
    }

    /** The form people quote: {@code GQ-1000}. */
    public String label() {
        return "GQ-" + number;
    }

    /** The code of that name, if this version knows it. */
    public static Optional<ErrorCode> named(String name) {
        for (ErrorCode code : values()) {
            if (code.name().equals(name)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
