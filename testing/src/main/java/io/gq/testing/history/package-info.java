/** Records what clients did and saw, and judges it: lost, duplicated, reordered, diverging or stale data. */
@NullMarked
package io.gq.testing.history;

import org.jspecify.annotations.NullMarked;
