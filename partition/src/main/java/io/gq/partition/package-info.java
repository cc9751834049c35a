/** The deterministic machine of one partition: what its entries mean, and what readers may see of it. */
@NullMarked
package io.gq.partition;

import org.jspecify.annotations.NullMarked;
