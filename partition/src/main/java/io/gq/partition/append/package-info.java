/** The leader's side of a partition: from client batches to proposed entries. */
@NullMarked
package io.gq.partition.append;

import org.jspecify.annotations.NullMarked;
