package io.gq.broker.http;

import java.util.List;

/** How the node is, for those who run it. Safe for use by many threads; must not wait. */
public interface HealthView {

    /** What the node waits for before it can serve, each a short sentence with names and values; empty where it is ready. */
    List<String> notReadyReasons();

    /** What is so broken that only a restart helps; empty where the process is alive. */
    default List<String> notLiveReasons() {
        return List.of();
    }
}
