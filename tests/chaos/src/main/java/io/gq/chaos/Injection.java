package io.gq.chaos;

import java.time.Duration;

/**
 * What became of one step of the schedule.
 *
 * @param injected false: it counts as not run
 * @param at when it was done, from the beginning of the schedule
 * @param held how long until it was healed
 * @param detail what was done to whom, or why nothing was
 */
record Injection(FaultKind kind, boolean injected, Duration at, Duration held, String detail) {}
