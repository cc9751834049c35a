/** The only package that knows the metrics library. */
@NullMarked
package io.gq.broker.metrics;

import org.jspecify.annotations.NullMarked;
