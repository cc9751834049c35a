/** Broker to broker: heartbeats, proposals to the controller, rejoin, snapshots. */
@NullMarked
package io.gq.broker.peer;

import org.jspecify.annotations.NullMarked;
