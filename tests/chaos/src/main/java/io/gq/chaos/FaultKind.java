package io.gq.chaos;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be done to a cluster. */
enum FaultKind {
    KILL("kill", 2, 6, "SIGKILL of a broker, mostly a leader; started again"),
    KILL_ALL("kill-all", 1, 4, "SIGKILL of all brokers within milliseconds; started again", true),
    PAUSE("pause", 3, 10, "SIGSTOP of a broker, mostly a leader; SIGCONT"),
    PARTITION("partition", 4, 12, "one broker and the others do not hear each other; clients reach all", Need.NETWORK),
    PARTITION_ONE_WAY(
            "partition-one-way", 4, 12, "what one broker sends, or what is sent to it, is lost", Need.NETWORK),
    ISOLATE_LEADER("isolate-leader", 4, 10, "a leader hears no other broker; at times no client either", Need.NETWORK),
    BRIDGE("bridge", 5, 12, "two brokers do not hear each other, the third hears both", Need.NETWORK),
    FLAPPING("flapping", 6, 12, "a broker is cut off and joined again every half to two seconds", Need.NETWORK),
    SLOW_LINK("slow-link", 6, 12, "what one broker sends and gets is slow and delayed", Need.NETWORK),
    WIPE("wipe", 1, 3, "a broker killed, its data directory deleted; started with an empty one", true),
    SEGMENT_FLIP("segment-flip", 1, 2, "two bits flipped in a segment of a killed broker", true),
    SEGMENT_TRUNCATE("segment-truncate", 1, 2, "a segment of a killed broker cut short", true),
    SEGMENT_ZERO("segment-zero", 1, 2, "a block of a segment of a killed broker zeroed", true),
    LOG_FLIP("log-flip", 1, 2, "two bits flipped in a Raft log of a killed broker", true),
    LOG_TRUNCATE("log-truncate", 1, 2, "a Raft log of a killed broker cut short", true),
    LOG_ZERO("log-zero", 1, 2, "a block of a Raft log of a killed broker zeroed", true),
    META_FLIP("meta-flip", 1, 2, "two bits flipped in a Raft metadata file of a killed broker", true),
    META_TRUNCATE("meta-truncate", 1, 2, "a Raft metadata file of a killed broker cut short", true),
    META_ZERO("meta-zero", 1, 2, "a Raft metadata file of a killed broker zeroed", true),
    POWER_LOSS("power-loss", 1, 4, "the power of one machine fails: what was not synced is gone", Need.POWER),
    POWER_LOSS_ALL("power-loss-all", 1, 3, "the power of all machines fails at once", true, Need.POWER),
    PAUSE_KILL(
            "pause-kill",
            4,
            8,
            "one broker paused under writes, a second one loses power, the third is paused: the first two have to know all",
            true),
    DISK_FULL("disk-full", 5, 10, "a broker's disk is full, to the reserve or to the last byte", Need.DISK),
    DISK_STALL("disk-stall", 3, 8, "every write to a broker's disk waits", Need.DISK),
    FSYNC_ERROR("fsync-error", 3, 6, "every fsync of a broker fails with EIO", Need.SHIM),
    CLOCK_JUMP("clock-jump", 4, 8, "a broker's wall clock jumps by seconds, an hour or 30 days, either way", Need.SHIM),
    TOPIC_CHURN("topic-churn", 6, 10, "topics are created, written to and deleted all the time");

    private final String label;
    private final int holdMinS;
    private final int holdMaxS;
    private final String description;
    private final boolean exclusive;
    private final @Nullable Need need;

    FaultKind(String label, int holdMinS, int holdMaxS, String description) {
        this(label, holdMinS, holdMaxS, description, false, null);
    }

    FaultKind(String label, int holdMinS, int holdMaxS, String description, boolean exclusive) {
        this(label, holdMinS, holdMaxS, description, exclusive, null);
    }

    FaultKind(String label, int holdMinS, int holdMaxS, String description, Need need) {
        this(label, holdMinS, holdMaxS, description, false, need);
    }

    /** @param exclusive it ends before another fault begins */
    FaultKind(String label, int holdMinS, int holdMaxS, String description, boolean exclusive, @Nullable Need need) {
        this.label = label;
        this.holdMinS = holdMinS;
        this.holdMaxS = holdMaxS;
        this.description = description;
        this.exclusive = exclusive;
        this.need = need;
    }

    String label() {
        return label;
    }

    String description() {
        return description;
    }

    /** The shortest time it is held. */
    Duration holdMin() {
        return Duration.ofSeconds(holdMinS);
    }

    /** The longest time it is held, inclusive. */
    Duration holdMax() {
        return Duration.ofSeconds(holdMaxS);
    }

    boolean exclusive() {
        return exclusive;
    }

    /** What it asks of the machine. */
    Optional<Need> need() {
        return Optional.ofNullable(need);
    }

    /** @throws IllegalArgumentException for a label there is none of */
    static FaultKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label.equals(label))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("fault: " + label + " (expected: one of " + labels() + ")"));
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(FaultKind::label).toList();
    }
}
