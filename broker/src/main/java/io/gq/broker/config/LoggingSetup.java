package io.gq.broker.config;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.net.URL;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/** Brings the log into the form the settings ask for. Before it runs, the log is text on standard output. */
public final class LoggingSetup {

    /**
     * gRPC, ours and the one inside Ratis, logs past SLF4J: a stack trace for each caller that went away. Held here, because the
     * levels of loggers nobody holds are lost.
     */
    private static final List<Logger> GRPC =
            List.of(Logger.getLogger("io.grpc"), Logger.getLogger("org.apache.ratis.thirdparty"));

    private LoggingSetup() {}

    /** Changes level, form and place of the whole process's log. Call once, first thing after the settings are read. */
    public static void apply(BrokerConfig config) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LoggingConfig logging = config.logging();
        GRPC.forEach(logger -> logger.setLevel(Level.SEVERE));
        String format = logging.format().name().toLowerCase(Locale.ROOT);
        context.reset();
        context.putProperty("gq.log.level", logging.level().name());
        context.putProperty("gq.log.appender", (config.logDir().isPresent() ? "file-" : "stdout-") + format);
        context.putProperty("gq.log.dir", config.logDir().map(Object::toString).orElse("."));
        context.putProperty(
                "gq.log.file_bytes", Long.toString(logging.fileBytesMax().bytes()));
        context.putProperty(
                "gq.log.total_bytes", Long.toString(logging.fileBytesMax().bytes() * logging.filesMax()));
        context.putProperty("gq.log.suffix", logging.compress() ? ".gz" : "");
        context.putProperty("gq.log.days", Long.toString(logging.ageMax().toDays()));
        context.putProperty("gq.node", config.nodeId().toString());
        URL description = Objects.requireNonNull(LoggingSetup.class.getResource("/logback.xml"), "logback.xml");
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(description);
        } catch (JoranException e) {
            throw new BrokerException(ErrorCode.INVALID_CONFIG, "logging: " + logging + " (expected: usable): " + e, e);
        }
    }
}
