/** The record batch: Kafka's message format v2, byte for byte. */
@NullMarked
package io.gq.core.record;

import org.jspecify.annotations.NullMarked;
