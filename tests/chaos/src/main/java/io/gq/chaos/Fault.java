package io.gq.chaos;

import java.util.random.RandomGenerator;

/** One way to hurt a cluster, used for one injection. Called by the nemesis' thread; every call ends within a bounded time. */
interface Fault {

    /**
     * Does it.
     *
     * @param random what it has to choose is drawn from here
     * @return what was done to whom
     * @throws NotInjectedException where nothing was done
     */
    String inject(RandomGenerator random) throws NotInjectedException;

    /** Takes it back. Called after every injection that was begun, also one that failed half-way. */
    void heal();
}
