package io.gq.examples;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.admin.Admin;
import io.gq.client.admin.NewTopic;
import io.gq.core.ErrorCode;

/** Makes the topic of the other examples and shows the cluster. */
public final class AdminExample {

    static final String BOOTSTRAP = "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094";
    static final String TOPIC = "example";

    private AdminExample() {}

    public static void main(String[] args) {
        try (GqClient client = GqClient.connect(args.length > 0 ? args[0] : BOOTSTRAP);
                Admin admin = client.admin()) {
            try {
                admin.createTopic(NewTopic.of(TOPIC, 3, 3));
            } catch (GqException e) {
                if (e.code() != ErrorCode.TOPIC_EXISTS) {
                    throw e;
                }
            }
            System.out.println(admin.describeTopic(TOPIC).topic());
            System.out.println(admin.describeCluster());
        }
    }
}
