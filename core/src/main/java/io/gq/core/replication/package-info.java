/** What a replicated machine is, and what its host gives it. */
@NullMarked
package io.gq.core.replication;

import org.jspecify.annotations.NullMarked;
