/** Small programs that show the SDK. Each takes the bootstrap addresses as its first argument, or uses the local three brokers. */
@NullMarked
package io.gq.examples;

import org.jspecify.annotations.NullMarked;
