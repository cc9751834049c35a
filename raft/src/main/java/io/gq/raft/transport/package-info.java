/** How the Raft servers of a cluster talk: few connections, shared event loops, one frame an append. */
@NullMarked
package io.gq.raft.transport;

import org.jspecify.annotations.NullMarked;
