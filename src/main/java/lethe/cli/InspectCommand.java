package lethe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.ComponentListing;
import lethe.checkpoint.ComponentListing.Weight;

/** {@code lethe inspect}: what a checkpoint holds, and what it lacks. */
final class InspectCommand implements Command {
  private static final Flag<Boolean> TENSORS = Flag.toggle("tensors", "list every weight with its type and shape");
  private static final Flag<Path> CONFIG =
      Flag.path("config", "DIR", "diffusers folder with the configuration of a single file; needs no weights");

  @Override
  public Syntax syntax() {
    return new Syntax()
        .operand("PATH", "a checkpoint: a diffusers folder or a single .safetensors file")
        .flags("Options", TENSORS, CONFIG, Syntax.JSON)
        .example("./lethe inspect models/emoji-canvas");
  }

  /** Fails if anything is missing or damaged, after printing all there is. */
  @Override
  public int run(Arguments arguments, Terminal terminal) throws Exception {
    Checkpoint checkpoint = Checkpoint.open(Path.of(arguments.operand(0)), arguments.find(CONFIG).orElse(null));
    Inspection inspection = Inspection.of(checkpoint);
    boolean tensors = arguments.get(TENSORS);
    if (arguments.get(Syntax.JSON)) {
      terminal.print(Json.of(json(inspection, tensors)));
    } else {
      print(inspection, tensors, terminal);
    }
    return inspection.isWhole() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static void print(Inspection inspection, boolean tensors, Terminal terminal) {
    String format = inspection.format().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    terminal.print("%s: %s, %s parameters, %s on disk".formatted(
        inspection.path(), format, count(inspection.parameters()), Sizes.text(inspection.bytes())));
    for (Inspection.Part part : inspection.parts()) {
      terminal.print("");
      terminal.print(part.component().folder() + (part.type() == null ? "" : "  " + part.type()));
      if (!part.settings().isEmpty()) {
        terminal.print("  " + part.settings().entrySet().stream()
            .map(setting -> setting.getKey() + " " + setting.getValue())
            .collect(Collectors.joining(", ")));
      }
      if (part.listing() != null) {
        print(inspection.path(), part.listing(), tensors, terminal);
      }
      if (part.problem() != null) {
        terminal.print("  PROBLEM  " + part.problem());
      }
    }
    terminal.print("");
    List<String> missing = inspection.missing().isEmpty() ? List.of("nothing") : inspection.missing();
    terminal.print("missing: " + String.join(", ", missing));
  }

  private static void print(Path root, ComponentListing listing, boolean tensors, Terminal terminal) {
    terminal.print("  %s parameters in %d tensors: %s".formatted(
        count(listing.parameters()), listing.weights().size(), dtypes(listing)));
    for (Path file : listing.files()) {
      terminal.print("  " + name(root, file) + "  " + Sizes.text(file.toFile().length()));
    }
    if (tensors) {
      int width = listing.weights().stream().mapToInt(weight -> weight.name().length()).max().orElse(0);
      listing.weights().forEach(weight -> terminal.print(
          "    " + weight.name() + " ".repeat(width - weight.name().length()) + "  " + weight.dtype().shortName() + "  "
              + weight.shape()));
    }
  }

  /** The path of a file inside of the checkpoint; of a single file, its name. */
  private static Path name(Path root, Path file) {
    return file.equals(root) ? file.getFileName() : root.relativize(file);
  }

  /** {@code fp16}; where there are several types, how many parameters have which. */
  private static String dtypes(ComponentListing listing) {
    var parameters = listing.parametersByDType();
    return parameters.entrySet().stream()
        .map(entry -> entry.getKey().shortName() + (parameters.size() == 1 ? "" : " " + count(entry.getValue())))
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> json(Inspection inspection, boolean tensors) {
    Map<String, Object> components = new LinkedHashMap<>();
    inspection.parts().forEach(part -> components.put(part.component().folder(), json(part, tensors)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("path", inspection.path().toString());
    all.put("format", inspection.format().name().toLowerCase(Locale.ROOT));
    all.put("bytes", inspection.bytes());
    all.put("parameters", inspection.parameters());
    all.put("components", components);
    all.put("missing", inspection.missing());
    return all;
  }

  private static Map<String, Object> json(Inspection.Part part, boolean tensors) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("class", part.type());
    facts.put("settings", part.settings());
    ComponentListing listing = part.listing();
    if (listing != null) {
      Map<String, Long> dtypes = new LinkedHashMap<>();
      listing.parametersByDType().forEach((dtype, parameters) -> dtypes.put(dtype.shortName(), parameters));
      facts.put("parameters", listing.parameters());
      facts.put("parameters_by_dtype", dtypes);
      facts.put("files", listing.files().stream().map(Path::toString).toList());
      facts.put("bytes", listing.files().stream().mapToLong(file -> file.toFile().length()).sum());
      if (tensors) {
        List<Map<String, Object>> weights = new ArrayList<>();
        listing.weights().forEach(weight -> weights.add(json(weight)));
        facts.put("tensors", weights);
      }
    }
    if (part.problem() != null) {
      facts.put("problem", part.problem());
    }
    return facts;
  }

  private static Map<String, Object> json(Weight weight) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", weight.name());
    facts.put("key", weight.key());
    facts.put("file", weight.file().toString());
    facts.put("dtype", weight.dtype().shortName());
    facts.put("shape", weight.shape());
    return facts;
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
