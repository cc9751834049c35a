package io.gq.broker.grpc;

import io.gq.broker.config.ProduceConfig;
import io.gq.core.service.ProduceService;
import java.util.function.LongSupplier;

/**
 * What all produce streams of a broker share.
 *
 * @param nanoTime monotonic, nanoseconds
 * @param process bytes of all connections
 */
record ProduceEnvironment(
        ProduceService service,
        NodeView node,
        ProduceConfig config,
        PartitionBudgets partitions,
        ByteBudget process,
        LongSupplier nanoTime,
        FrontDoorMetrics metrics) {}
