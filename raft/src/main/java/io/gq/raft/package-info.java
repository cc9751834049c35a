/** Hosts many Raft groups in one process, on Apache Ratis. Nothing outside this package knows Ratis. */
@NullMarked
package io.gq.raft;

import org.jspecify.annotations.NullMarked;
