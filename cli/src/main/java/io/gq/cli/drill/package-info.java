/** The failover drill: kills leaders under load and judges by a full read what that cost. */
@NullMarked
package io.gq.cli.drill;

import org.jspecify.annotations.NullMarked;
