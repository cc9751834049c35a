package io.gq.it.cluster;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/** Keeps the clusters named by {@link SharedCluster} and shows what their brokers said when a test fails. */
final class SharedClusterExtension implements BeforeEachCallback, ParameterResolver, TestWatcher {

    private static final int LINES_SHOWN = 60;

    @Override
    public void beforeEach(ExtensionContext context) {
        ClusterFixture cluster = cluster(context);
        cluster.startAll();
        if (cluster.name().equals(SharedCluster.FAULTY)) {
            new Topics(cluster).deleteAll(); // each restart would have to bring them up
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ClusterFixture.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster(context);
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        System.out.println(
                context.getDisplayName() + " failed:\n" + cluster(context).outputs(LINES_SHOWN));
    }

    private static ClusterFixture cluster(ExtensionContext context) {
        String name = context.getRequiredTestClass()
                .getAnnotation(SharedCluster.class)
                .value();
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedClusterExtension.class))
                .computeIfAbsent(Running.class, key -> new Running(), Running.class)
                .named(name);
    }

    /** The one cluster that runs: two at a time would only slow each other down. */
    private static final class Running implements AutoCloseable {

        private @Nullable ClusterFixture cluster;

        ClusterFixture named(String name) {
            ClusterFixture present = cluster;
            if (present == null || !present.name().equals(name)) {
                close();
                present = ClusterFixture.named(name).start();
                cluster = present;
            }
            return present;
        }

        @Override
        public void close() {
            if (cluster != null) {
                cluster.close();
                cluster = null;
            }
        }
    }
}
