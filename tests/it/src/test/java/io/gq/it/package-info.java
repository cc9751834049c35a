/** Integration tests against real broker processes. */
@NullMarked
package io.gq.it;

import org.jspecify.annotations.NullMarked;
