/** The node: composition, start and stop as one readable list. */
@NullMarked
package io.gq.broker;

import org.jspecify.annotations.NullMarked;
