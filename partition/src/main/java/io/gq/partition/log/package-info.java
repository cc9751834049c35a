/** One partition's records on disk: segments of record batches, each with an index of the entries that brought them. */
@NullMarked
package io.gq.partition.log;

import org.jspecify.annotations.NullMarked;
