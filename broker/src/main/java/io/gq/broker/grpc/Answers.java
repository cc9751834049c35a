package io.gq.broker.grpc;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for answers of the services. */
final class Answers {

    private static final Logger log = LoggerFactory.getLogger(Answers.class);

    private Answers() {}

    /** Runs the action with the answer or the failure. What the action itself throws is a defect and is logged. */
    static <T> void whenDone(CompletionStage<T> answer, BiConsumer<T, @Nullable Throwable> action) {
        CompletionStage<T> unused = answer.whenComplete((value, failure) -> {
            try {
                action.accept(value, failure);
            } catch (RuntimeException e) {
                log.error("answer not sent", e);
            }
        });
    }
}
