package io.gq.broker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gq.broker.data.StoppedDirectory;
import io.gq.broker.verify.DataDirVerification;
import io.gq.broker.verify.Finding;
import io.gq.core.BrokerException;
import io.gq.core.io.NioStorageFiles;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gq-admin verify --data-dir DIR}: part of the broker, because only its code knows the files. */
@Command(
        name = "gq-admin verify",
        mixinStandardHelpOptions = true,
        version = "gq " + Broker.VERSION,
        description =
                "Reads everything in the data directory of a broker that does not run and says what is not as it was written. "
                        + "Changes nothing.",
        footer = "Exit codes: 0 all is as it was written, 1 it is not or cannot be read, 2 usage.")
public final class VerifyMain implements Callable<Integer> {

    private static final int OK = 0;
    private static final int ERROR = 1;

    enum Output {
        TABLE,
        JSON
    }

    @Option(names = "--data-dir", required = true, paramLabel = "DIR", description = "The directory.")
    private Path dataDir = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            defaultValue = "table",
            description = "Lines for people, or one JSON object at the end. Default: ${DEFAULT-VALUE}.")
    private Output output = Output.TABLE;

    private final PrintStream out;
    private final PrintStream err;

    VerifyMain(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** @param args with or without the word verify before them */
    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) {
        List<String> options = new ArrayList<>(List.of(args));
        options.remove("verify");
        return new CommandLine(new VerifyMain(out, err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(options.toArray(String[]::new));
    }

    @Override
    public Integer call() throws JsonProcessingException {
        List<Finding> findings = new ArrayList<>();
        try (StoppedDirectory directory = StoppedDirectory.lock(dataDir)) {
            DataDirVerification verification = new DataDirVerification(directory, new NioStorageFiles(), finding -> {
                findings.add(finding);
                if (output == Output.TABLE) {
                    print(finding);
                }
            });
            boolean clean = verification.run();
            if (output == Output.JSON) {
                out.println(new ObjectMapper().writeValueAsString(json(findings, clean, verification.setAside())));
            } else {
                out.println(verification.parts() + " parts: "
                        + (clean ? "all is as it was written" : "NOT all is as it was written")
                        + (verification.setAside() == 0 ? "" : "; set aside before: " + verification.setAside()));
            }
            return clean ? OK : ERROR;
        } catch (BrokerException e) {
            err.println("gq-admin: " + e + "\n  " + e.code().hint());
            return ERROR;
        }
    }

    private void print(Finding finding) {
        out.println((finding.clean() ? "ok       " : "DAMAGED  ") + finding.part() + "  " + finding.place() + "  "
                + finding.summary());
        finding.damage().forEach(what -> out.println("         " + what));
    }

    private static Map<String, Object> json(List<Finding> findings, boolean clean, int setAside) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean", clean);
        json.put("set_aside", setAside);
        json.put("parts", findings.stream().map(VerifyMain::json).toList());
        return json;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("part", finding.part());
        json.put("place", finding.place());
        json.put("clean", finding.clean());
        json.put("summary", finding.summary());
        json.put("damage", finding.damage());
        return json;
    }
}
