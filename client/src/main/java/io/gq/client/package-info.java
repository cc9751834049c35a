/** The Java SDK: {@link io.gq.client.GqClient} is the way in. */
@NullMarked
package io.gq.client;

import org.jspecify.annotations.NullMarked;
