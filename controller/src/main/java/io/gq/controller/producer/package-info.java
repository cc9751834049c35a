/** Producer ids. */
@NullMarked
package io.gq.controller.producer;

import org.jspecify.annotations.NullMarked;
