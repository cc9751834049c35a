/** The broker's settings: one typed record per component, defaults in one table, read from file, environment and flags. */
@NullMarked
package io.gq.broker.config;

import org.jspecify.annotations.NullMarked;
