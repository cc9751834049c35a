/** Brokers: registration and liveness. */
@NullMarked
package io.gq.controller.membership;

import org.jspecify.annotations.NullMarked;
