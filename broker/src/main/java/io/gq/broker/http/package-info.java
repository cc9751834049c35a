/** The HTTP listener: metrics and health. */
@NullMarked
package io.gq.broker.http;

import org.jspecify.annotations.NullMarked;
