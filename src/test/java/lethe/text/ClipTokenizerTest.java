package lethe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ClipTokenizer CLIP = ClipTokenizer.bundled(49408);

  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(ClipTokenizerTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClipTokenizer sd2() {
    return ClipTokenizer.load(resource("/golden/sd2-tiny/tokenizer"));
  }

  /** 400 texts of odd white space, cases, digits, scripts, joiners and special tokens, with the reference's ids. */
  @Test
  void agreesWithTheReferenceOnTrickyTexts() throws IOException {
    ClipTokenizer sd2 = sd2();
    JsonNode rows = JSON.readTree(resource("/tokenizer/fuzz.json").toFile());
    assertTrue(rows.size() >= 400);
    for (JsonNode row : rows) {
      String text = row.get("text").asText();
      assertArrayEquals(JSON.convertValue(row.get("clip"), int[].class), CLIP.encode(text), "clip: " + row);
      assertArrayEquals(JSON.convertValue(row.get("sd2-tiny"), int[].class), sd2.encode(text), "sd2: " + row);
    }
  }

  /** Texts over all of Unicode, with the reference's ids and what they decode to. */
  @Test
  void agreesWithTheReferenceOverAllOfUnicode() throws IOException {
    JsonNode rows = JSON.readTree(resource("/tokenizer/tricky.json").toFile());
    assertTrue(rows.size() >= 300);
    for (JsonNode row : rows) {
      int[] ids = JSON.convertValue(row.get("ids"), int[].class);
      assertArrayEquals(ids, CLIP.encode(row.get("text").asText()), row.toString());
      assertEquals(row.get("decoded").asText(), CLIP.decode(ids), row.toString());
    }
  }

  @Test
  void unpairedSurrogatesCountAsTheReplacementCharacter() {
    assertArrayEquals(CLIP.encode("a \ufffd b \ufffd"), CLIP.encode("a \ud800 b \udc00"));
  }

  @Test
  void aVeryLongWordIsEncodedInReasonableTime() {
    int[] ids = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> CLIP.encode("ha".repeat(10_000)));
    assertEquals("ha".repeat(10_000), CLIP.decode(ids));
  }

  @Test
  void bundledVocabularyIsThatOfTheFolder() {
    ClipTokenizer folderOfClip = ClipTokenizer.load(resource("/golden/clip-bpe"));
    for (int id = 0; id < folderOfClip.vocabularySize(); id++) {
      assertEquals(folderOfClip.token(id), CLIP.token(id));
    }
    assertEquals(folderOfClip.vocabularySize(), CLIP.vocabularySize());
  }

  @Test
  void smallerVocabulariesTakeTheFirstMerges() {
    ClipTokenizer tiny = ClipTokenizer.load(resource("/golden/sd1-tiny/tokenizer"));
    ClipTokenizer bundled = ClipTokenizer.bundled(tiny.vocabularySize());
    String text = "The church at night, with 3 trees & a dog";
    assertArrayEquals(tiny.encodePadded(text), bundled.encodePadded(text));
  }

  @Test
  void padsAsItsModelDoes() {
    assertEquals(49407, CLIP.encodePadded("church")[76]);
    assertEquals(0, sd2().encodePadded("church")[76]);
    assertEquals(0, ClipTokenizer.bundled(49408, "!").encodePadded("church")[76]);
  }

  @Test
  void truncatesBeforeTheEndToken() {
    int[] ids = CLIP.encodePadded("dog ".repeat(200));
    assertEquals(77, ids.length);
    assertEquals(CLIP.bosId(), ids[0]);
    assertEquals(CLIP.eosId(), ids[76]);
    assertEquals(ids[1], ids[75]);
  }

  @Test
  void decodesWhatItEncodes() {
    assertEquals("a photo of a naïve café 🚀", CLIP.decode(CLIP.encode("A photo  of a naïve café 🚀")));
    assertEquals("<|startoftext|>dog <|endoftext|>", CLIP.decode(new int[] {49406, CLIP.encode("dog")[0], 49407}));
  }

  @Test
  void readsAFolderWithTokenizerJsonAlone() throws IOException {
    Files.copy(resource("/golden/sd1-tiny/tokenizer/tokenizer.json"), folder.resolve("tokenizer.json"));
    ClipTokenizer whole = ClipTokenizer.load(resource("/golden/sd1-tiny/tokenizer"));
    assertArrayEquals(whole.encodePadded("a photo of elon musk"), ClipTokenizer.load(folder).encodePadded("a photo of elon musk"));
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    assertNames("vocab.json", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
    assertNames("merges.txt", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
  }

  @Test
  void malformedFilesAreNamed() throws IOException {
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b c\n");
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": ");
    assertNames("vocab.json", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": \"zero\"}");
    assertNames("vocab.json", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}");
    assertNames("merges.txt: line 2", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
    Files.writeString(folder.resolve("merges.txt"), "a b\n");
    assertNames("merges.txt: the merge 'a b'", assertThrows(UserException.class, () -> ClipTokenizer.load(folder)));
  }

  @Test
  void vocabulariesThatClipCannotHaveAreRefused() {
    assertNames("513 rows", assertThrows(UserException.class, () -> ClipTokenizer.bundled(513)));
    assertNames("49409 rows", assertThrows(UserException.class, () -> ClipTokenizer.bundled(49_409)));
    assertThrows(IllegalArgumentException.class, () -> ClipTokenizer.bundled(49_408, "[PAD]"));
    assertThrows(IllegalArgumentException.class, () -> CLIP.token(49_408));
  }

  private static void assertNames(String expected, UserException e) {
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
