package io.gq.it.cluster;

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
        cluster(context).startAll();
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
                .computeIfAbsent(name, n -> ClusterFixture.named(name).start(), ClusterFixture.class);
    }
}
