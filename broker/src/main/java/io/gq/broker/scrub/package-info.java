/** Looks after what lies on the disk: reads it again, before anybody needs it. */
@NullMarked
package io.gq.broker.scrub;

import org.jspecify.annotations.NullMarked;
