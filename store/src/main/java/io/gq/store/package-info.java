/** Small tables of replicated machines, on RocksDB. No other module sees RocksDB. */
@NullMarked
package io.gq.store;

import org.jspecify.annotations.NullMarked;
