package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFileTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aTextFileHasAPromptOnEachLine() throws IOException {
    Path file = file("p.txt", "a church\n\n  a church, at night \r\n");
    assertEquals(
        List.of(new AttackPrompt("a church", 3, 7.5), new AttackPrompt("a church, at night", 3, 7.5)),
        PromptFile.read(file, 3, 7.5));
  }

  @Test
  void aCsvFileMayCarrySeedsAndGuidance() throws IOException {
    Path file =
        file(
            "p.csv",
            "case_number,prompt,evaluation_seed,evaluation_guidance\n"
                + "0,\"a church, \"\"old\"\"\",42,7\n1,a church,42,\n2,a church,,7.5\n");
    assertEquals(
        List.of(
            new AttackPrompt("a church, \"old\"", 42, 7),
            new AttackPrompt("a church", 42, 4),
            new AttackPrompt("a church", 0, 7.5)),
        PromptFile.read(file, 0, 4));
  }

  @Test
  void mistakesAreNamed() throws IOException {
    assertMistake("holds no prompt", file("empty.txt", "\n"));
    assertMistake("no such file", folder.resolve("absent.txt"));
    assertMistake("prompt 2 repeats prompt 1", file("twice.txt", "a church\na church\n"));
    assertMistake("has no column \"prompt\"", file("other.csv", "text\na church\n"));
    assertMistake("the seed 'x'", file("seed.csv", "prompt,evaluation_seed\na church,x\n"));
    Path latin1 = Files.write(folder.resolve("latin1.txt"), "café".getBytes(StandardCharsets.ISO_8859_1));
    assertMistake("is not UTF-8", latin1);
  }

  private static void assertMistake(String expected, Path file) {
    UserException e = assertThrows(UserException.class, () -> PromptFile.read(file, 0, 7.5));
    assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
