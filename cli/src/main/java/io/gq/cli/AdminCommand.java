package io.gq.cli;

import io.gq.client.GqClient;
import io.gq.client.admin.Admin;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands of {@code gq-admin} have in common: a connection, a timeout, an answer as table or JSON. */
abstract class AdminCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final Duration timeout;

    @Mixin
    CommonOptions common = new CommonOptions();

    AdminCommand(Terminal terminal) {
        this(terminal, TIMEOUT);
    }

    /** @param timeout of a call, where the user names none */
    AdminCommand(Terminal terminal, Duration timeout) {
        this.terminal = terminal;
        this.timeout = timeout;
    }

    @Override
    public final Integer call() {
        try (GqClient client = common.connect();
                Admin admin = client.admin().within(common.timeout(timeout))) {
            return run(admin);
        }
    }

    /** Answers the exit code. */
    abstract int run(Admin admin);

    /** Prints the JSON or the text, as the user wants it. */
    void reply(Object json, String text) {
        if (common.json()) {
            Reply.json(terminal, json);
        } else {
            Reply.text(terminal, text);
        }
    }

    /** Something was done: JSON to stdout, else a message to stderr. */
    void done(Map<String, Object> json, String message) {
        if (common.json()) {
            Reply.json(terminal, json);
        } else {
            terminal.err().println(message);
        }
    }
}
