package io.gq.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code gq}: writes and reads records. */
@Command(
        name = "gq",
        mixinStandardHelpOptions = true,
        version = "gq 0.1.0",
        synopsisSubcommandLabel = "produce|consume",
        description = {
            "Writes records to topics and reads them.",
            "gq bench puts load on a cluster and measures it: see gq bench --help."
        })
public final class Gq {

    private Gq() {}

    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    static int run(Terminal terminal, String... args) {
        CommandLine root = new CommandLine(new Gq())
                .addSubcommand(new ProduceCommand(terminal))
                .addSubcommand(new ConsumeCommand(terminal));
        return new Commands(root, terminal).run(args);
    }
}
