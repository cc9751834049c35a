/** Real broker processes for tests: started, signalled, damaged and restarted like those of a user. */
@NullMarked
package io.gq.it.cluster;

import org.jspecify.annotations.NullMarked;
