package io.gq.raft;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reaches what Ratis (3.3.0) keeps to itself. Each use says what it is for and goes on without where a later version has no such place. */
final class RatisInternals {

    private static final Logger LOG = LoggerFactory.getLogger(RatisInternals.class);

    private RatisInternals() {}

    static Object value(Object owner, String name) throws ReflectiveOperationException {
        return value(owner, owner.getClass(), name);
    }

    static void set(Object owner, String name, Object value) throws ReflectiveOperationException {
        field(owner.getClass(), name).set(owner, value);
    }

    /** The lock under which the log changes. */
    static ReentrantReadWriteLock lock(RaftLog log) throws ReflectiveOperationException {
        return (ReentrantReadWriteLock) value(log, log.getClass().getSuperclass(), "lock");
    }

    /**
     * Tells the server that an entry is about to be truncated, as the log itself does where an append overwrites it: a configuration is
     * taken back, a transaction's context and its place in the retry cache are let go. Without it these stay longer, and the
     * configuration until the leader's comes with the snapshot.
     */
    static void notifyTruncated(RaftLog log, TermIndex entry) {
        try {
            Object server = value(log, "server");
            Method notify = server.getClass().getDeclaredMethod("notifyTruncatedLogEntry", TermIndex.class);
            notify.setAccessible(true);
            notify.invoke(server, entry);
        } catch (ReflectiveOperationException e) {
            LOG.warn("server was not told of a truncated entry entry={}", entry, e);
        }
    }

    private static Object value(Object owner, Class<?> declaring, String name) throws ReflectiveOperationException {
        return field(declaring, name).get(owner);
    }

    private static Field field(Class<?> declaring, String name) throws ReflectiveOperationException {
        Field field = declaring.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    static Method method(Object owner, String name) throws ReflectiveOperationException {
        Method method = owner.getClass().getDeclaredMethod(name);
        method.setAccessible(true);
        return method;
    }

    /** Calls a method without parameters. */
    static Object call(Method method, Object owner) {
        try {
            return method.invoke(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
