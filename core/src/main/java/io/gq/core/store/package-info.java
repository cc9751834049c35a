/** Small tables of replicated machines. */
@NullMarked
package io.gq.core.store;

import org.jspecify.annotations.NullMarked;
