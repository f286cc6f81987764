package lethe.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import lethe.gate.ResultWriter;

/**
 * Two builds measured in turn, so that both meet the same machine: in each round each benchmark runs in one fork of
 * either build, right after each other. Who is first changes from round to round, because a machine that slows down steadily
 * would otherwise always be slower for the same build.
 */
public record Interleaved(Jmh base, Jmh candidate, int rounds, List<String> options) {
  /**
   * Runs the benchmarks that are given by name.
   *
   * @param folder gets base.json and new.json
   * @param note told what runs
   */
  public void run(List<String> names, Path folder, Consumer<String> note) throws IOException, InterruptedException {
    Path pieces = Files.createDirectories(folder.resolve("rounds"));
    List<Path> ofBase = new ArrayList<>();
    List<Path> ofCandidate = new ArrayList<>();
    long start = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      for (String name : names) {
        boolean baseFirst = round % 2 == 0;
        for (boolean isBase : new boolean[] {baseFirst, !baseFirst}) {
          Jmh jmh = isBase ? base : candidate;
          note.accept("round %d of %d: %s, %s".formatted(round + 1, rounds, shortName(name), jmh.build().name()));
          Path piece = pieces.resolve("%s-%d-%s.json".formatted(isBase ? "base" : "new", round, name));
          jmh.run(exactly(name), options, piece, line -> {});
          (isBase ? ofBase : ofCandidate).add(piece);
        }
      }
      double minutes = (System.nanoTime() - start) / 6e10 / (round + 1) * (rounds - round - 1);
      if (minutes > 0) {
        note.accept("about %.0f min to go".formatted(Math.ceil(minutes)));
      }
    }
    Optional<String> pairing = Optional.of(UUID.randomUUID().toString());
    ResultWriter.write(ofBase, Facts.of(base), pairing, folder.resolve("base.json"));
    ResultWriter.write(ofCandidate, Facts.of(candidate), pairing, folder.resolve("new.json"));
  }

  private static String shortName(String name) {
    return name.replaceFirst("^([a-z_0-9]+\\.)*", "");
  }

  /** As JMH takes it: a regular expression. */
  private static String exactly(String name) {
    return "^" + name.replace(".", "\\.") + "$";
  }
}
