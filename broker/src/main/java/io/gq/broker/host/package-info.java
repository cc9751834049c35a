/** Makes the groups hosted here match the image, and looks after each. */
@NullMarked
package io.gq.broker.host;

import org.jspecify.annotations.NullMarked;
