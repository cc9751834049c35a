/** Clients that write and read while brokers are hurt, and record what they were told. */
@NullMarked
package io.gq.it.load;

import org.jspecify.annotations.NullMarked;
