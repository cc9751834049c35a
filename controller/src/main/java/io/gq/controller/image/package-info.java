/** The cluster's metadata as immutable values, and their stored form. */
@NullMarked
package io.gq.controller.image;

import org.jspecify.annotations.NullMarked;
