/** Brokers for tests: the real protocol over loopback, the log in memory, and every kind of trouble on demand. */
@NullMarked
package io.gq.client.fake;

import org.jspecify.annotations.NullMarked;
