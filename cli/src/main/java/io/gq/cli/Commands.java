package io.gq.cli;

import io.gq.client.GqException;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs a command line: parses, executes, and says what went wrong in one sentence. */
final class Commands {

    private final CommandLine root;
    private final Terminal terminal;

    Commands(CommandLine root, Terminal terminal) {
        this.root = root;
        this.terminal = terminal;
        for (CommandLine sub : root.getSubcommands().values()) {
            sub.getCommandSpec().usageMessage().footer(ExitCodes.HELP);
        }
        root.getCommandSpec().usageMessage().footer(ExitCodes.HELP);
        Values.register(root);
        root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        root.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        root.setUsageHelpAutoWidth(true);
    }

    int run(String[] args) {
        boolean json = json(args);
        root.setParameterExceptionHandler((e, all) -> usage(e, json));
        root.setExecutionExceptionHandler((e, command, result) -> failed(e, json));
        return root.execute(args);
    }

    private static boolean json(String[] args) {
        String all = String.join(" ", args);
        return all.contains("-o json")
                || all.contains("-o=json")
                || all.contains("-ojson")
                || all.contains("--output json")
                || all.contains("--output=json");
    }

    private int usage(ParameterException e, boolean json) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        String message = String.valueOf(e.getMessage());
        if (json) {
            terminal.err().println(JsonText.of(error("USAGE", "", message, "see " + command + " --help")));
            return ExitCodes.USAGE;
        }
        terminal.err().println(root.getCommandName() + ": " + message);
        if (e instanceof UnmatchedArgumentException unmatched) {
            UnmatchedArgumentException.printSuggestions(unmatched, root.getErr());
            root.getErr().flush();
        }
        terminal.err().println("hint: see " + command + " --help");
        return ExitCodes.USAGE;
    }

    private int failed(Exception failure, boolean json) throws Exception {
        if (failure instanceof BrokerException e) {
            report(e, json);
            return ExitCodes.of(e);
        }
        if (failure instanceof UnhealthyException unhealthy) {
            report(unhealthy.reason(), json);
            return ExitCodes.UNHEALTHY;
        }
        if (failure instanceof UsageException || failure instanceof IllegalArgumentException) {
            tell(json, error("USAGE", "", String.valueOf(failure.getMessage()), ""));
            return ExitCodes.USAGE;
        }
        IOException io = failure instanceof IOException direct
                ? direct
                : failure instanceof UncheckedIOException wrapped ? wrapped.getCause() : null;
        if (io instanceof ClosedPipeException) {
            return ExitCodes.OK; // whoever read has seen enough
        }
        if (io != null) {
            tell(json, error("IO", "", describe(io), ""));
            return ExitCodes.ERROR;
        }
        throw failure;
    }

    private static String describe(IOException e) {
        String name = e.getClass().getSimpleName();
        return e instanceof NoSuchFileException
                ? "file: " + e.getMessage() + " (expected: one that exists)"
                : name + ": " + e.getMessage();
    }

    private void report(BrokerException e, boolean json) {
        tell(json, error(e));
    }

    static Map<String, Object> error(BrokerException e) {
        String hint = e instanceof GqException known ? known.hint() : e.code().hint();
        Map<String, Object> error = error(e.code().name(), e.code().label(), String.valueOf(e.getMessage()), hint);
        error.put(
                "retriable",
                e instanceof GqException known ? known.retriable() : e.code().retriable());
        error.put(
                "outcome_unknown",
                e instanceof GqException known
                        ? known.outcomeUnknown()
                        : e.code().kind() == ErrorCode.Kind.UNKNOWN_OUTCOME);
        return error;
    }

    private static Map<String, Object> error(String name, String label, String message, String hint) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("error", name);
        error.put("code", label);
        error.put("message", message);
        error.put("hint", hint);
        return error;
    }

    private void tell(boolean json, Map<String, Object> error) {
        terminal.err().println(json ? JsonText.of(error) : root.getCommandName() + ": " + sentence(error));
    }

    /** The error in words: label, name, what is wrong, and on a second line what to do. */
    static String sentence(Map<String, Object> error) {
        String label = String.valueOf(error.get("code"));
        String hint = String.valueOf(error.get("hint"));
        String head = label.isEmpty() ? "" : label + " " + error.get("error") + ": ";
        return head + error.get("message") + (hint.isEmpty() ? "" : "\nhint: " + hint);
    }
}
