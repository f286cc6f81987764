package lethe.erase.advunlearn.retain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;
import lethe.text.ClipTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RetainSetTest {
  @TempDir Path folder;

  static List<String> builtInNames() {
    return BuiltInRetainSets.NAMES;
  }

  @ParameterizedTest
  @MethodSource("builtInNames")
  void builtInSetsAreWholeAndClean(String name) {
    RetainSet set = BuiltInRetainSets.get(name);
    assertTrue(set.prompts().size() >= 237 && set.prompts().size() <= 243);
    assertTrue(set.prompts().stream().allMatch(prompt -> prompt.startsWith("a photo of ")));
    assertEquals(List.of(), set.checkedBy(ClipTokenizer.bundled(49408)).warnings());
  }

  @Test
  void anUnknownSetIsRefused() {
    UserException e = assertThrows(UserException.class, () -> BuiltInRetainSets.get("coco"));
    assertTrue(e.getMessage().contains("imagenet243"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "a photo of church, church, true",
    "two churches at night, Church, true",
    "a photo of van, Van Gogh, false",
    "a photo of truck, garbage truck, true",
    "a photo of garbage, garbage truck, false",
    "a photo of bus, bus, true",
    "a photo of buses, bus, true",
    "a photo of berries, berry, true",
    "a photo of hot dog, dog, true",
    "a photo of doghouse, dog, false",
    "a photo of shirt, nudity, true",
    "a photo of short sleeve shirt, a naked man, true",
    "a photo of chair, nudity, false",
    "a photo of chair, '', false"
  })
  void aPromptIsRelatedByTheConceptsLastWord(String prompt, String concept, boolean related) {
    assertEquals(related, RelatedPrompts.areRelated(prompt, concept));
  }

  @Test
  void nudityTakesOutOfTheUnfilteredSetWhatItsAuthorsDid() {
    RetainSet unfiltered = BuiltInRetainSets.get("coco_object_no_filter");
    RetainSet filtered = BuiltInRetainSets.get("coco_object");
    List<String> expected = unfiltered.prompts().stream().filter(filtered.prompts()::contains).toList();
    assertEquals(expected, unfiltered.without(List.of("nudity")).prompts());
  }

  @Test
  void promptsAboutAConceptAreLeftOutWithAWarning() {
    RetainSet set = RetainSet.of("list", List.of("a photo of church", "a photo of dog", "a photo of tree"));
    RetainSet left = set.without(List.of("church", "dog"));
    assertEquals(List.of("a photo of tree"), left.prompts());
    assertEquals(
        List.of("list: prompts about the concept are left out: \"a photo of church\", \"a photo of dog\""),
        left.warnings());
    assertEquals(List.of(), set.without(List.of("castle")).warnings());
    assertOneLine(assertThrows(UserException.class, () -> left.without(List.of("tree"))), "no prompts are left");
  }

  @Test
  void aFileIsReadLineByLine() throws IOException {
    Path file = folder.resolve("retain.txt");
    Files.writeString(file, "\uFEFFa photo of dog\r\n\n  a photo of tree \na photo of dog\n");
    RetainSet set = RetainFile.read(file);
    assertEquals(List.of("a photo of dog", "a photo of tree"), set.prompts());
    assertEquals(
        List.of(
            file + ": empty lines are left out", file + ": repeated prompts are left out: \"a photo of dog\""),
        set.warnings());
  }

  @Test
  void filesWithoutPromptsAreRefused() throws IOException {
    Path file = folder.resolve("retain.txt");
    assertRefused(file, "no such file");
    Files.writeString(file, " \n\n");
    assertRefused(file, "has no prompts");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0x41});
    assertRefused(file, "not UTF-8");
    assertRefused(folder, "text file");
  }

  @Test
  void aLongPromptIsCutWithAWarning() {
    String fits = "a ".repeat(75);
    String tooLong = "a ".repeat(76);
    ClipTokenizer tokenizer = ClipTokenizer.bundled(49408);
    assertEquals(List.of(), RetainSet.of("list", List.of(fits)).checkedBy(tokenizer).warnings());
    RetainSet cut = RetainSet.of("list", List.of("a dog", tooLong)).checkedBy(tokenizer);
    assertEquals(2, cut.prompts().size());
    assertTrue(cut.warnings().get(0).startsWith("list: prompts of more than 75 tokens are cut: \"a a "));
  }

  private static void assertRefused(Path file, String expected) {
    UserException e = assertThrows(UserException.class, () -> RetainFile.read(file));
    assertOneLine(e, expected);
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  private static void assertOneLine(UserException e, String expected) {
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
