/** Which brokers get the replicas of new partitions. */
@NullMarked
package io.gq.controller.placement;

import org.jspecify.annotations.NullMarked;
