/** The same load on a gq cluster and on a Kafka cluster, one after the other. The only place that knows Kafka's client. */
@NullMarked
package io.gq.bench.compare;

import org.jspecify.annotations.NullMarked;
