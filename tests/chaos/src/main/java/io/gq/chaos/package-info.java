/** Hurts clusters of real processes by a seeded schedule and judges what their clients were told. Started by {@code scripts/chaos.sh}. */
@NullMarked
package io.gq.chaos;

import org.jspecify.annotations.NullMarked;
