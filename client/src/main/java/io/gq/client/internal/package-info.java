/** Connections, metadata and the wire protocol. Not for users: anything here may change. */
@NullMarked
package io.gq.client.internal;

import org.jspecify.annotations.NullMarked;
