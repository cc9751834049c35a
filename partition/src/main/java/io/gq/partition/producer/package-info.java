/** What a partition knows of idempotent producers. */
@NullMarked
package io.gq.partition.producer;

import org.jspecify.annotations.NullMarked;
