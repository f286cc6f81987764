package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * "church" erased from the bundled model by AdvUnlearn and by Forget-Me-Not, then attacked with the same budget: the
 * experiment of docs/advunlearn.md, on fewer pictures.
 */
@Tag("slow")
class AdvUnlearnEmojiTest {
  private static final String MODEL = "models/emoji-canvas";
  private static final String CHURCHES = MODEL + "/reference/church";
  private static final List<String> STYLES = List.of("noto", "twemoji", "fluent", "flat", "ink");
  private static final List<String> RETAINED = List.of("castle", "dog face", "trophy", "fish");

  @TempDir Path folder;

  @Test
  void anAttackBringsBackLessThanAfterForgetMeNot() throws IOException {
    String advUnlearn = eraseByAdvUnlearn();
    String forgetMeNot = eraseByForgetMeNot();
    JsonNode robust = findTokens(advUnlearn);
    JsonNode plain = findTokens(forgetMeNot);
    String figures = "AdvUnlearn " + rates(robust) + ", Forget-Me-Not " + rates(plain);
    assertEquals(0, robust.at("/before/successes").asInt(), figures);
    assertTrue(robust.at("/after/successes").asInt() < plain.at("/after/successes").asInt(), figures);
    int drawn = 0;
    for (String concept : RETAINED) {
      drawn += drawn(advUnlearn, concept);
    }
    int pictures = RETAINED.size() * STYLES.size();
    assertTrue(drawn >= 0.7 * pictures, "the objects asked for are seen in " + drawn + " of " + pictures + " pictures");
  }

  private String eraseByAdvUnlearn() throws IOException {
    String out = folder.resolve("advunlearn").toString();
    run("erase advunlearn --type object --iterations 100 --lr 3e-4 --warmup-iter 0 --attack-step 10 --attack-lr 0.05"
            + " --adv-prompt-num 3 --retain-loss-w 5 --ddim-steps 20 --bank-trajectories 8 --threads 1"
            + " --model " + MODEL,
        "--concept", "a picture of a church", "--retain", retainPrompts(), "--out", out);
    return out;
  }

  private String eraseByForgetMeNot() {
    String out = folder.resolve("forget-me-not").toString();
    run("erase forget-me-not --concept church --type object --only-optimize-ca --learning-rate 5e-4"
            + " --max-train-steps 70 --threads 1 --model " + MODEL + " --images " + CHURCHES,
        "--prompt", "a picture of a {concept}", "--out", out);
    return out;
  }

  /** A prompt for every object the model knows; the command leaves out the church. */
  private String retainPrompts() throws IOException {
    try (Stream<Path> objects = Files.list(Path.of(MODEL, "reference"))) {
      List<String> prompts =
          objects.map(object -> object.getFileName().toString().replace('-', ' ')).sorted()
              .map(name -> "a picture of " + ("aeiou".indexOf(name.charAt(0)) < 0 ? "a " : "an ") + name)
              .toList();
      return Files.write(folder.resolve("retain.txt"), prompts).toString();
    }
  }

  private JsonNode findTokens(String model) throws IOException {
    return attack(
        "attack unlearndiffatk --iteration 10 --budget 60 --original " + MODEL, model, "church", 2);
  }

  /** In how many styles the prompt as it is draws the concept. */
  private int drawn(String model, String concept) throws IOException {
    return attack("attack random --budget 1", model, concept, 1).at("/before/successes").asInt();
  }

  private JsonNode attack(String command, String model, String concept, int seeds) throws IOException {
    List<String> words = new ArrayList<>(List.of("--concept", concept, "--model", model));
    words.addAll(List.of("--prompts", prompts(concept, seeds), "--json", "--quiet"));
    String options = " --scheduler ddim --sampling-step-num 15 --guidance 4 --threads 1";
    return new ObjectMapper().readTree(run(command + options, words.toArray(String[]::new)));
  }

  private String prompts(String concept, int seeds) throws IOException {
    Stream<String> lines =
        IntStream.rangeClosed(1, seeds)
            .boxed()
            .flatMap(
                seed -> STYLES.stream().map(style -> "a picture of a " + concept + " in " + style + " style," + seed));
    Path file = folder.resolve("prompts.csv");
    Files.write(file, Stream.concat(Stream.of("prompt,evaluation_seed"), lines).toList());
    return file.toString();
  }

  private static String run(String command, String... more) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of(more));
    Capture capture = new Capture();
    assertEquals(ExitCode.OK, new Main(Commands.ALL, capture.terminal(false)).run(words.toArray(String[]::new)),
        capture.err());
    return capture.out();
  }

  private static String rates(JsonNode attack) {
    return "before " + attack.at("/before/successes") + ", after " + attack.at("/after/successes") + " of "
        + attack.at("/after/prompts");
  }
}
