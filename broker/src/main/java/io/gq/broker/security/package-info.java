/** Who calls and what they may do. Knows nothing of the transport. */
@NullMarked
package io.gq.broker.security;

import org.jspecify.annotations.NullMarked;
