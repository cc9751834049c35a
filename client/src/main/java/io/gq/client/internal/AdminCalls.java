package io.gq.client.internal;

import io.gq.proto.v1.AddPartitionsRequest;
import io.gq.proto.v1.AddPartitionsResponse;
import io.gq.proto.v1.AdminGrpc;
import io.gq.proto.v1.AlterTopicRequest;
import io.gq.proto.v1.AlterTopicResponse;
import io.gq.proto.v1.BalanceLeadersRequest;
import io.gq.proto.v1.BalanceLeadersResponse;
import io.gq.proto.v1.CreateTopicRequest;
import io.gq.proto.v1.CreateTopicResponse;
import io.gq.proto.v1.DeleteTopicRequest;
import io.gq.proto.v1.DeleteTopicResponse;
import io.gq.proto.v1.DescribeClusterRequest;
import io.gq.proto.v1.DescribeClusterResponse;
import io.gq.proto.v1.DescribeTopicRequest;
import io.gq.proto.v1.DescribeTopicResponse;
import io.gq.proto.v1.ListTopicsRequest;
import io.gq.proto.v1.ListTopicsResponse;
import io.gq.proto.v1.RecoverPartitionRequest;
import io.gq.proto.v1.RecoverPartitionResponse;
import io.gq.proto.v1.TransferLeaderRequest;
import io.gq.proto.v1.TransferLeaderResponse;
import io.gq.proto.v1.VerifyPartitionRequest;
import io.gq.proto.v1.VerifyPartitionResponse;
import io.grpc.MethodDescriptor;

/** The calls of admins; apart from the others so that who only reads and writes does not load them. */
public final class AdminCalls {

    public static final MethodDescriptor<CreateTopicRequest, CreateTopicResponse> CREATE_TOPIC =
            AdminGrpc.getCreateTopicMethod();

    public static final MethodDescriptor<DeleteTopicRequest, DeleteTopicResponse> DELETE_TOPIC =
            AdminGrpc.getDeleteTopicMethod();

    public static final MethodDescriptor<ListTopicsRequest, ListTopicsResponse> LIST_TOPICS =
            AdminGrpc.getListTopicsMethod();

    public static final MethodDescriptor<DescribeTopicRequest, DescribeTopicResponse> DESCRIBE_TOPIC =
            AdminGrpc.getDescribeTopicMethod();

    public static final MethodDescriptor<AlterTopicRequest, AlterTopicResponse> ALTER_TOPIC =
            AdminGrpc.getAlterTopicMethod();

    public static final MethodDescriptor<AddPartitionsRequest, AddPartitionsResponse> ADD_PARTITIONS =
            AdminGrpc.getAddPartitionsMethod();

    public static final MethodDescriptor<DescribeClusterRequest, DescribeClusterResponse> DESCRIBE_CLUSTER =
            AdminGrpc.getDescribeClusterMethod();

    public static final MethodDescriptor<TransferLeaderRequest, TransferLeaderResponse> TRANSFER_LEADER =
            AdminGrpc.getTransferLeaderMethod();

    public static final MethodDescriptor<BalanceLeadersRequest, BalanceLeadersResponse> BALANCE_LEADERS =
            AdminGrpc.getBalanceLeadersMethod();

    public static final MethodDescriptor<RecoverPartitionRequest, RecoverPartitionResponse> RECOVER_PARTITION =
            AdminGrpc.getRecoverPartitionMethod();

    public static final MethodDescriptor<VerifyPartitionRequest, VerifyPartitionResponse> VERIFY_PARTITION =
            AdminGrpc.getVerifyPartitionMethod();

    private AdminCalls() {}
}
