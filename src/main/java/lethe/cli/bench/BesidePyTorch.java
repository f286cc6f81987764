package lethe.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import lethe.error.UserException;
import lethe.gate.ResultWriter;
import lethe.gate.Surroundings;

/** PyTorch and Lethe in turn: in each round the Python process and JMH's forks, who is first alternating. */
public record BesidePyTorch(PyTorch pytorch, Jmh lethe, int rounds, Effort effort) {
  /**
   * Runs what {@code filter} finds on the Python side, and the same on ours.
   *
   * @param folder gets pytorch.json and lethe.json
   * @param note told what runs, and the threads and precision of the Python side
   */
  public void run(String filter, Path folder, Consumer<String> note) throws IOException, InterruptedException {
    Path pieces = Files.createDirectories(folder.resolve("rounds"));
    List<Path> theirs = new ArrayList<>();
    List<Path> ours = new ArrayList<>();
    String names = null;
    for (int round = 0; round < rounds; round++) {
      List<Path> files = filesOfPyTorch(pieces, round);
      Path file = pieces.resolve("lethe-" + round + ".json");
      boolean pytorchFirst = round % 2 == 0;
      if (pytorchFirst) {
        runPyTorch(filter, files, round, note);
        names = names == null ? names(filter, files) : names;
      }
      note.accept("round %d of %d: Lethe".formatted(round + 1, rounds));
      lethe.run(names, effort.oneFork(), file, line -> {});
      if (!pytorchFirst) {
        runPyTorch(filter, files, round, note);
      }
      theirs.addAll(files);
      ours.add(file);
    }
    Optional<String> pairing = Optional.of(UUID.randomUUID().toString());
    Surroundings surroundings = Facts.of(lethe);
    Map<String, String> ofPyTorch = new LinkedHashMap<>(surroundings.facts());
    List.of("isa", "libtorch", "jvm", "jvm_flags").forEach(ofPyTorch::remove);
    ofPyTorch.put("pytorch", pytorch.versions());
    ResultWriter.write(theirs, new Surroundings(ofPyTorch), pairing, folder.resolve("pytorch.json"));
    ResultWriter.write(ours, surroundings, pairing, folder.resolve("lethe.json"));
  }

  private List<Path> filesOfPyTorch(Path pieces, int round) {
    return lethe.models().stream().map(model -> pieces.resolve("pytorch-%s-%d.json".formatted(model, round))).toList();
  }

  private void runPyTorch(String filter, List<Path> files, int round, Consumer<String> note)
      throws IOException, InterruptedException {
    note.accept("round %d of %d: PyTorch%s"
        .formatted(round + 1, rounds, round == 0 ? ", after a comparison with the golden sets" : ""));
    String said = "";
    for (int i = 0; i < files.size(); i++) {
      String model = lethe.models().get(i);
      boolean checked = round == 0 && i == 0;
      said = pytorch.run(folder(model), model, filter, effort, checked, files.get(i), line -> {});
    }
    if (round == 0) {
      note.accept("PyTorch: " + said);
    }
  }

  private Path folder(String model) {
    return model.equals(Jmh.SD14)
        ? lethe.sd14().toAbsolutePath()
        : lethe.build().home().resolve("models/emoji-canvas");
  }

  /** The benchmarks that PyTorch's side has, as JMH's regular expression. */
  private static String names(String filter, List<Path> files) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode result : new ObjectMapper().readTree(files.get(0).toFile())) {
      names.add(result.path("benchmark").asText().replace(".", "\\."));
    }
    if (names.isEmpty()) {
      throw UserException.failed("--filter %s finds nothing in bench/python; its pieces.py lists what there is"
          .formatted(filter));
    }
    return names.stream().collect(Collectors.joining("|", "^(", ")$"));
  }
}
