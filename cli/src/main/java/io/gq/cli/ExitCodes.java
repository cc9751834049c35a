package io.gq.cli;

import io.gq.client.GqException;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;

/** What the commands exit with. Stable for ever. */
final class ExitCodes {

    static final int OK = 0;
    static final int ERROR = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int TIMEOUT = 5;
    static final int UNHEALTHY = 10;

    /** For the foot of each help text. */
    static final String HELP =
            "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 5 timeout, 10 unhealthy (describe-cluster).";

    private ExitCodes() {}

    static int of(BrokerException failure) {
        if (failure.code().kind() == ErrorCode.Kind.NOT_FOUND) {
            return NOT_FOUND;
        }
        boolean late =
                failure instanceof GqException known ? known.deadlineOver() : failure.code() == ErrorCode.TIMEOUT;
        return late ? TIMEOUT : ERROR;
    }
}
