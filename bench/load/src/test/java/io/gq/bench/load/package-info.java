/** Load on a whole cluster: workloads that know no product, a driver for gq, and the command {@code gq bench}. */
@NullMarked
package io.gq.bench.load;

import org.jspecify.annotations.NullMarked;
