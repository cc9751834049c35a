/** The failover drill: kills, stops or pauses leaders under load and judges by a full read what that cost. */
@NullMarked
package io.gq.cli.drill;

import org.jspecify.annotations.NullMarked;
