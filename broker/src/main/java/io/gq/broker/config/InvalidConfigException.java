package io.gq.broker.config;

import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Holds everything that is wrong with it, not only the first thing. */
public final class InvalidConfigException extends BrokerException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidConfigException(List<Problem> problems) {
        super(
                ErrorCode.INVALID_CONFIG,
                problems.stream()
                        .map(Problem::toString)
                        .collect(Collectors.joining("\n  ", count(problems) + "\n  ", "")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    private static String count(List<Problem> problems) {
        return problems.size() == 1 ? "1 setting is wrong:" : problems.size() + " settings are wrong:";
    }
}
