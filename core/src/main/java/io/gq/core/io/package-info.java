/** Files as storage code sees them, so that tests can lose, tear and refuse writes. */
@NullMarked
package io.gq.core.io;

import org.jspecify.annotations.NullMarked;
