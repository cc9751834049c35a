/** Looks through the data directory of a broker that does not run. */
@NullMarked
package io.gq.broker.verify;

import org.jspecify.annotations.NullMarked;
