/** What a node keeps on its own disk about itself: its identity, the groups it ever opened, where the others are. */
@NullMarked
package io.gq.broker.data;

import org.jspecify.annotations.NullMarked;
