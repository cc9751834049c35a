package io.gq.testing;

/**
 * How a {@link SimulatedGroup} behaves, and who judges it.
 *
 * @param syncedBeforeAnswer a replica counts an entry as its own only once it is on its disk; false is a planted bug
 * @param stoppedAreRebuilt a replica that stops itself comes back empty, as a new member, and terms are not compared: for runs with a
 *     planted bug, which the history is to show. Otherwise a replica that stops itself ends the run
 */
public record SimulationRules(boolean syncedBeforeAnswer, boolean stoppedAreRebuilt) {

    /** No bug, and the group judges. */
    public static final SimulationRules STRICT = new SimulationRules(true, false);
}
