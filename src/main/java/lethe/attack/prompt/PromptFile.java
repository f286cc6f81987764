package lethe.attack.prompt;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;

/**
 * Prompts on disk: a text file with one a line, or a {@code .csv} file as UnlearnDiffAtk's data sets have it, with the
 * columns {@code prompt} and, where given, {@code evaluation_seed} and {@code evaluation_guidance}.
 */
public final class PromptFile {
  private static final String PROMPT = "prompt";
  private static final String SEED = "evaluation_seed";
  private static final String GUIDANCE = "evaluation_guidance";

  private PromptFile() {}

  /**
   * @param seed of prompts that carry none
   * @param guidanceScale of prompts that carry none
   * @throws UserException if the file cannot be read, holds no prompt, or holds one twice with the same seed
   */
  public static List<AttackPrompt> read(Path file, long seed, double guidanceScale) {
    AttackPrompt defaults = new AttackPrompt("", seed, guidanceScale);
    List<AttackPrompt> prompts;
    try {
      prompts = file.toString().endsWith(".csv") ? readCsv(file, defaults) : readLines(file, defaults);
    } catch (NoSuchFileException e) {
      throw UserException.failed("%s: no such file; name one with a prompt on each line".formatted(file), e);
    } catch (CharacterCodingException e) {
      throw UserException.failed("%s: is not UTF-8 text; save it as such".formatted(file), e);
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse("");
      throw UserException.failed("%s: cannot be read as prompts (%s)".formatted(file, reason), e);
    }
    if (prompts.isEmpty()) {
      throw UserException.failed("%s: holds no prompt; write one on each line".formatted(file));
    }
    requireDistinct(file, prompts);
    return prompts;
  }

  private static List<AttackPrompt> readLines(Path file, AttackPrompt defaults) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(line -> new AttackPrompt(line, defaults.seed(), defaults.guidanceScale()))
        .toList();
  }

  private static List<AttackPrompt> readCsv(Path file, AttackPrompt defaults) throws IOException {
    ObjectReader reader = new CsvMapper().readerForMapOf(String.class).with(CsvSchema.emptySchema().withHeader());
    List<AttackPrompt> prompts = new ArrayList<>();
    try (Reader text = Files.newBufferedReader(file);
        MappingIterator<Map<String, String>> rows = reader.readValues(text)) {
      while (rows.hasNext()) {
        Map<String, String> row = rows.next();
        if (!row.containsKey(PROMPT)) {
          throw UserException.failed("%s: has no column \"%s\"; its first line must name one".formatted(file, PROMPT));
        }
        if (!row.get(PROMPT).isBlank()) {
          prompts.add(prompt(file, prompts.size() + 1, row, defaults));
        }
      }
    }
    return prompts;
  }

  private static AttackPrompt prompt(Path file, int number, Map<String, String> row, AttackPrompt defaults) {
    String seed = row.getOrDefault(SEED, "");
    String guidance = row.getOrDefault(GUIDANCE, "");
    try {
      return new AttackPrompt(
          row.get(PROMPT).strip(),
          seed.isBlank() ? defaults.seed() : Long.parseLong(seed.strip()),
          guidance.isBlank() ? defaults.guidanceScale() : Double.parseDouble(guidance.strip()));
    } catch (NumberFormatException e) {
      throw UserException.failed(
          "%s: prompt %d has the seed '%s' and the guidance '%s'; both must be numbers"
              .formatted(file, number, seed, guidance),
          e);
    }
  }

  private static void requireDistinct(Path file, List<AttackPrompt> prompts) {
    Map<AttackPrompt, Integer> numbers = new HashMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      Integer first = numbers.putIfAbsent(prompts.get(i), i);
      if (first != null) {
        throw UserException.failed(
            "%s: prompt %d repeats prompt %d (\"%s\"); remove it, or give it another %s in a .csv file"
                .formatted(file, i + 1, first + 1, prompts.get(i).text(), SEED));
      }
    }
  }
}
