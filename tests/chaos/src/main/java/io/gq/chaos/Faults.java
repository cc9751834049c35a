package io.gq.chaos;

/** Makes what carries out each kind. */
final class Faults {

    private final Testbed testbed;
    private final Victims victims;

    Faults(Testbed testbed, Victims victims) {
        this.testbed = testbed;
        this.victims = victims;
    }

    /** A new one for each injection. */
    Fault of(FaultKind kind) {
        return switch (kind) {
            case KILL -> new KillFault(testbed, victims);
            case KILL_ALL -> new KillAllFault(testbed, victims);
            case PAUSE -> new PauseFault(testbed, victims);
            case PARTITION -> LinkFault.partition(testbed, victims);
            case PARTITION_ONE_WAY -> LinkFault.oneWay(testbed, victims);
            case ISOLATE_LEADER -> LinkFault.isolatedLeader(testbed, victims);
            case BRIDGE -> LinkFault.bridge(testbed, victims);
            case FLAPPING -> new FlappingFault(testbed, victims);
            case SLOW_LINK -> new SlowLinkFault(testbed, victims);
            case WIPE -> damage(DamageFault.wipe());
            case SEGMENT_FLIP -> damage(DamageFault.flip(DamageFault.SEGMENT));
            case SEGMENT_TRUNCATE -> damage(DamageFault.truncate(DamageFault.SEGMENT));
            case SEGMENT_ZERO -> damage(DamageFault.zero(DamageFault.SEGMENT));
            case LOG_FLIP -> damage(DamageFault.flip(DamageFault.RAFT_LOG));
            case LOG_TRUNCATE -> damage(DamageFault.truncate(DamageFault.RAFT_LOG));
            case LOG_ZERO -> damage(DamageFault.zero(DamageFault.RAFT_LOG));
            case META_FLIP -> damage(DamageFault.flip(DamageFault.RAFT_META));
            case META_TRUNCATE -> damage(DamageFault.truncate(DamageFault.RAFT_META));
            case META_ZERO -> damage(DamageFault.zero(DamageFault.RAFT_META));
            case POWER_LOSS -> new PowerLossFault(testbed, victims, false);
            case POWER_LOSS_ALL -> new PowerLossFault(testbed, victims, true);
            case PAUSE_KILL -> new PauseKillFault(testbed, victims);
            case DISK_FULL -> new DiskFullFault(testbed, victims);
            case DISK_STALL -> new DiskStallFault(testbed, victims);
            case FSYNC_ERROR -> new FsyncErrorFault(testbed, victims);
            case CLOCK_JUMP -> new ClockJumpFault(testbed, victims);
            case TOPIC_CHURN -> new TopicChurnFault(testbed);
        };
    }

    private Fault damage(DamageFault.Damage damage) {
        return new DamageFault(testbed, victims, damage);
    }
}
