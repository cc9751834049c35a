/** What a front door (gRPC, Kafka) may ask of a node. Front doors know these interfaces and nothing behind them. */
@NullMarked
package io.gq.core.service;

import org.jspecify.annotations.NullMarked;
