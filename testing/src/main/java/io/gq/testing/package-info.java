/** Seeds, clocks, schedulers, stores and files that a test holds in its hand, faults included. */
@NullMarked
package io.gq.testing;

import org.jspecify.annotations.NullMarked;
