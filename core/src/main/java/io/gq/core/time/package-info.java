/** Scheduling and deadlines, passed in from outside. */
@NullMarked
package io.gq.core.time;

import org.jspecify.annotations.NullMarked;
