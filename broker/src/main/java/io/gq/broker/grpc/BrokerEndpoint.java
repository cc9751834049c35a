package io.gq.broker.grpc;

import io.gq.broker.config.FetchConfig;
import io.gq.broker.config.ProduceConfig;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import io.gq.core.service.FetchService;
import io.gq.core.service.ProduceService;
import io.gq.core.time.Scheduler;
import io.gq.proto.v1.AllocateProducerIdRequest;
import io.gq.proto.v1.AllocateProducerIdResponse;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.FetchRequest;
import io.gq.proto.v1.FetchResponse;
import io.gq.proto.v1.HelloRequest;
import io.gq.proto.v1.HelloResponse;
import io.gq.proto.v1.LeaderNews;
import io.gq.proto.v1.ListOffsetsRequest;
import io.gq.proto.v1.ListOffsetsResponse;
import io.gq.proto.v1.MetadataRequest;
import io.gq.proto.v1.MetadataResponse;
import io.gq.proto.v1.ProduceRequest;
import io.gq.proto.v1.ProduceResponse;
import io.gq.proto.v1.WatchLeadersRequest;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** The service {@code gq.v1.Broker}: what producers and consumers call. Safe for use by many threads. */
public final class BrokerEndpoint implements BindableService {

    /** Versions of the protocol spoken here, both inclusive. */
    public static final int API_VERSION_MIN = 1;

    public static final int API_VERSION_MAX = 1;

    /** Full name of the produce method, whose calls touch no file and wait for nothing. */
    public static final String PRODUCE = BrokerGrpc.getProduceMethod().getFullMethodName();

    private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);

    private final NodeView node;
    private final ProduceEnvironment produce;
    private final FetchCalls fetchCalls;
    private final FrontDoorMetrics metrics;
    private final LeaderWatches watches;
    private final Scheduler.Cancellable sweep;
    private final Set<ProduceStream> streams = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> polls = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    /** @param nanoTime monotonic, nanoseconds */
    public BrokerEndpoint(
            LongSupplier nanoTime,
            Scheduler scheduler,
            ProduceConfig produceConfig,
            FetchConfig fetchConfig,
            ProduceService produceService,
            FetchService fetchService,
            NodeView node,
            FrontDoorMetrics metrics) {
        this.node = node;
        this.metrics = metrics;
        this.produce = new ProduceEnvironment(
                produceService,
                node,
                produceConfig,
                new PartitionBudgets(produceConfig.partitionBytesMax().bytes()),
                new ByteBudget(produceConfig.processBytesMax().bytes()),
                nanoTime,
                metrics);
        this.fetchCalls = new FetchCalls(fetchService, node, fetchConfig, nanoTime, metrics);
        this.watches = new LeaderWatches(node, scheduler);
        this.sweep = scheduler.every(SWEEP_INTERVAL, () -> streams.forEach(ProduceStream::sweep));
    }

    /**
     * Begins the end: streams answer what they have read and close with SHUTTING_DOWN, long polls are answered so at once, and so is
     * every further call.
     */
    public void drain() {
        draining = true;
        streams.forEach(ProduceStream::drain);
        polls.forEach(Runnable::run);
        watches.drain();
        sweep.cancel();
    }

    /** Bytes of produce requests that are not answered yet, over all connections. */
    public long produceBytesInFlight() {
        return produce.process().used();
    }

    @Override
    public ServerServiceDefinition bindService() {
        return withAliasedProduce(new Calls().bindService());
    }

    /** The same service, with requests of Produce parsed without a copy of their batch. */
    @SuppressWarnings("unchecked")
    private static ServerServiceDefinition withAliasedProduce(ServerServiceDefinition ordinary) {
        MethodDescriptor<ProduceRequest, ProduceResponse> produce = BrokerGrpc.getProduceMethod();
        MethodDescriptor<ProduceRequest, ProduceResponse> aliased = produce.toBuilder()
                .setRequestMarshaller(new AliasingMarshaller<>(produce.getRequestMarshaller(), ProduceRequest.parser()))
                .build();
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        ordinary.getServiceDescriptor().getName())
                .setSchemaDescriptor(ordinary.getServiceDescriptor().getSchemaDescriptor());
        for (MethodDescriptor<?, ?> method : ordinary.getServiceDescriptor().getMethods()) {
            descriptor.addMethod(method == produce ? aliased : method);
        }
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        for (ServerMethodDefinition<?, ?> method : ordinary.getMethods()) {
            if (method.getMethodDescriptor() == produce) {
                service.addMethod(
                        aliased,
                        ((ServerMethodDefinition<ProduceRequest, ProduceResponse>) method).getServerCallHandler());
            } else {
                service.addMethod(method);
            }
        }
        return service.build();
    }

    private void checkRunning() {
        if (draining) {
            throw new BrokerException(ErrorCode.SHUTTING_DOWN, "broker: stopping (expected: running)");
        }
    }

    /** Runs a call's body; what it throws ends the call with that error. */
    private void call(StreamObserver<?> out, Runnable body) {
        try {
            checkRunning();
            body.run();
        } catch (RuntimeException e) {
            metrics.refused(ErrorMapping.toBrokerException(e).code());
            out.onError(ErrorMapping.toStatus(e));
        }
    }

    private HelloResponse hello(HelloRequest request) {
        NodeView.Info info = node.info();
        HelloResponse.Builder hello = HelloResponse.newBuilder()
                .setClusterId(info.clusterId())
                .setNodeId(info.nodeId())
                .setApiVersionMin(API_VERSION_MIN)
                .setApiVersionMax(API_VERSION_MAX)
                .setFeatureLevel(info.featureLevel())
                .setBrokerVersion(info.version())
                .setMessageBytesMax(info.messageBytesMax());
        if (info.clusterId().isEmpty()) {
            hello.setError(ErrorMapping.toProto(new BrokerException(
                    ErrorCode.NOT_READY, "cluster: none yet (expected: all configured controllers started once)")));
        } else if (!request.getExpectedClusterId().isEmpty()
                && !request.getExpectedClusterId().equals(info.clusterId())) {
            hello.setError(ErrorMapping.toProto(new BrokerException(
                    ErrorCode.CLUSTER_MISMATCH,
                    "cluster: " + info.clusterId() + " (expected: " + request.getExpectedClusterId() + ")")));
        }
        return hello.build();
    }

    /** What gRPC calls. */
    private final class Calls extends BrokerGrpc.BrokerImplBase {

        @Override
        public void hello(HelloRequest request, StreamObserver<HelloResponse> out) {
            call(out, () -> {
                out.onNext(BrokerEndpoint.this.hello(request));
                out.onCompleted();
            });
        }

        @Override
        public void metadata(MetadataRequest request, StreamObserver<MetadataResponse> out) {
            call(out, () -> {
                Connection connection = Connection.current();
                out.onNext(node.metadata(connection.principal(), connection.listener(), request.getTopicsList()));
                out.onCompleted();
            });
        }

        @Override
        public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> out) {
            ProduceStream stream = new ProduceStream(
                    produce, Connection.current(), (ServerCallStreamObserver<ProduceResponse>) out, streams::remove);
            streams.add(stream);
            stream.start();
            if (draining) {
                stream.drain();
            }
            return stream;
        }

        @Override
        public void fetch(FetchRequest request, StreamObserver<FetchResponse> out) {
            call(out, () -> {
                CompletableFuture<?> poll =
                        fetchCalls.fetch(Connection.current(), request, (ServerCallStreamObserver<FetchResponse>) out);
                Runnable callOff = () -> poll.cancel(true);
                polls.add(callOff);
                Answers.whenDone(poll, (done, failure) -> polls.remove(callOff));
                if (draining) {
                    callOff.run();
                }
            });
        }

        @Override
        public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> out) {
            call(
                    out,
                    () -> fetchCalls.listOffsets(
                            Connection.current(), request, (ServerCallStreamObserver<ListOffsetsResponse>) out));
        }

        @Override
        public void watchLeaders(WatchLeadersRequest request, StreamObserver<LeaderNews> out) {
            call(
                    out,
                    () -> watches.add(
                            Connection.current().listener(), request, (ServerCallStreamObserver<LeaderNews>) out));
        }

        @Override
        public void allocateProducerId(
                AllocateProducerIdRequest request, StreamObserver<AllocateProducerIdResponse> out) {
            call(
                    out,
                    () -> Answers.whenDone(node.allocateProducerId(Connection.currentPrincipal()), (given, failure) -> {
                        AllocateProducerIdResponse.Builder response = AllocateProducerIdResponse.newBuilder();
                        if (failure == null) {
                            response.setProducerId(given.producerId()).setProducerEpoch(given.epoch());
                        } else {
                            BrokerException e = ErrorMapping.toBrokerException(failure);
                            metrics.refused(e.code());
                            response.setProducerId(-1).setError(ErrorMapping.toProto(e));
                        }
                        out.onNext(response.build());
                        out.onCompleted();
                    }));
        }
    }
}
