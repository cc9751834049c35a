/** The native front door: the gRPC servers, their limits, and the endpoint for producers and consumers. */
@NullMarked
package io.gq.broker.grpc;

import org.jspecify.annotations.NullMarked;
