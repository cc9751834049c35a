/** Topics: their settings and the commands that change them. */
@NullMarked
package io.gq.controller.topic;

import org.jspecify.annotations.NullMarked;
