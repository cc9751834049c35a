package io.gq.raft;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.ratis.server.raftlog.RaftLog;

/** Reaches what Ratis (3.3.0) keeps to itself. Each use says what it is for and goes on without where a later version has no such place. */
final class RatisInternals {

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
