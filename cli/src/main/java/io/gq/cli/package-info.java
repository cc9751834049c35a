/** The commands {@code gq} and {@code gq-admin}: data on stdout, messages on stderr, one exit code a kind of outcome. */
@NullMarked
package io.gq.cli;

import org.jspecify.annotations.NullMarked;
