package io.gq.broker.security;

/** What an operation is done to. */
public record Resource(Kind kind, String name) {

    /** The whole cluster. */
    public static final Resource CLUSTER = new Resource(Kind.CLUSTER, "");
    /** Some topic, not known yet: may the caller do this to any topic at all? The topic itself is asked for later. */
    public static final Resource ANY_TOPIC = new Resource(Kind.TOPIC, "*");

    public enum Kind {
        CLUSTER,
        TOPIC
    }

    public static Resource topic(String name) {
        return new Resource(Kind.TOPIC, name);
    }

    @Override
    public String toString() {
        return kind == Kind.CLUSTER ? "cluster" : "topic:" + name;
    }
}
