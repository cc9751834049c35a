/** Benchmarks of the pieces a record passes through on a broker. */
@NullMarked
package io.gq.bench.jmh;

import org.jspecify.annotations.NullMarked;
