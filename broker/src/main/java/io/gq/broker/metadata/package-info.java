/** What this node knows of the cluster: the image, who leads, who is alive. */
@NullMarked
package io.gq.broker.metadata;

import org.jspecify.annotations.NullMarked;
