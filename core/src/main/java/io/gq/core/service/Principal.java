package io.gq.core.service;

/** Who calls. Every call carries one and passes one authorizer. */
public record Principal(String type, String name) {

    public static final Principal ANONYMOUS = new Principal("user", "anonymous");

    @Override
    public String toString() {
        return type + ":" + name;
    }
}
