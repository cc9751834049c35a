package io.gq.it.cluster;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that works on a cluster of three shared with all other classes that name the same one. It is started before the
 * first of them, stopped when a class names another one, and whole again before each test. The faulty one has no topic when a test begins. Tests take a {@link ClusterFixture} as a parameter.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SharedClusterExtension.class)
public @interface SharedCluster {
    /** Its name: {@link #CALM} or {@link #FAULTY}. */
    String value();

    /** Nobody hurts it. */
    String CALM = "calm";

    /** Its brokers are killed, wiped and damaged. */
    String FAULTY = "faulty";
}
