package lethe.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import lethe.error.UserException;
import lethe.image.ImageFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Written from two small packages and read again. */
class EmojiDatasetTest {
  private static final int SIDE = 16;
  private static final EmojiDatasetSettings SETTINGS = new EmojiDatasetSettings(SIDE, 16, 7);

  @TempDir Path folder;
  private Path packages;
  private Path out;

  @BeforeEach
  void packages() throws IOException {
    packages = IconPackages.write(folder.resolve("packages"));
    out = folder.resolve("out");
  }

  private EmojiDataset write(EmojiDatasetSettings settings) {
    new EmojiDatasetWriter(IconPackages.RECIPE, settings).write(packages, out, drawn -> {});
    return EmojiDataset.read(out);
  }

  private static Map<String, List<Byte>> bytes(Path folder) throws IOException {
    Map<String, List<Byte>> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        Byte[] boxed = new Byte[content.length];
        for (int i = 0; i < content.length; i++) {
          boxed[i] = content[i];
        }
        files.put(folder.relativize(file).toString(), List.of(boxed));
      }
    }
    return files;
  }

  private void assertFails(String expected) {
    String message = assertThrows(UserException.class, () -> write(SETTINGS)).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count(), message);
    assertFalse(Files.exists(out), "nothing is left");
  }

  @Test
  void whatIsWrittenIsRead() {
    EmojiDataset dataset = write(SETTINGS);
    assertEquals(SIDE, dataset.resolution());
    assertEquals(IconPackages.RECIPE.concepts(), dataset.concepts());
    assertEquals(List.of("red", "ink"), dataset.styles());
    assertEquals(IconPackages.RECIPE.captions(), dataset.captions());
    assertEquals(3 * 2 * 16, dataset.entries().size());
    DatasetEntry entry = dataset.entries().get(16 + 3);
    assertEquals(new DatasetEntry("images/bar/ink-03.png", 0, 1, 3, Split.TRAIN), entry);
    assertEquals("a bar in ink style", dataset.caption(entry, new SplittableRandom(0)));
  }

  @Test
  void theLastThreeOfSixteenVariantsAreHeldOut() {
    EmojiDataset dataset = write(SETTINGS);
    List<DatasetEntry> heldOut = dataset.entries(Split.HELD_OUT);
    assertEquals(3 * 2 * 3, heldOut.size());
    assertTrue(heldOut.stream().allMatch(entry -> entry.variant() >= 13));
    assertEquals(dataset.entries().size() - heldOut.size(), dataset.entries(Split.TRAIN).size());
    assertEquals(Split.TRAIN, new EmojiDatasetSettings(64, 1, 0).split(0));
  }

  @Test
  void plainArtworkHasItsColoursAndItsPlace() {
    EmojiDataset dataset = write(SETTINGS);
    byte[] bar = dataset.pixels(dataset.entries().get(0));
    int area = SIDE * SIDE;
    int middle = 8 * SIDE + 8;
    assertEquals(3 * area, bar.length);
    assertEquals(255, bar[middle] & 0xff);
    assertEquals(0, bar[area + middle]);
    assertEquals(0, bar[2 * area + middle]);
    assertEquals(255, bar[area + 8] & 0xff, "white above the bar");
  }

  /** Aliases of aliases, icons of their own size, and the form of a person that is neither man nor woman. */
  @Test
  void iconsAreFoundUnderEachOfTheirNames() {
    EmojiDataset dataset = write(new EmojiDatasetSettings(SIDE, 1, 0));
    int green = SIDE * SIDE + 8 * SIDE + 8;
    assertEquals(0, dataset.pixels(dataset.entries().get(2))[green], "old-disc");
    assertEquals(0, dataset.pixels(dataset.entries().get(4))[green], "mage");
  }

  @Test
  void variantsDifferAndReferencesAreThePlainOnes() throws IOException {
    EmojiDataset dataset = write(SETTINGS);
    Set<List<Byte>> bars = new HashSet<>();
    bytes(out.resolve("images/bar")).forEach((name, content) -> {
      if (name.startsWith("ink")) {
        bars.add(content);
      }
    });
    assertEquals(16, bars.size());
    assertArrayEquals(
        dataset.pixels(dataset.entries().get(0)),
        ImageFile.readPlanes(out.resolve("reference/bar/red.png"), SIDE, SIDE));
    assertEquals(6, bytes(out.resolve("reference")).size());
  }

  @Test
  void theSameInputGivesTheSameBytes() throws IOException {
    write(SETTINGS);
    Map<String, List<Byte>> first = bytes(out);
    out = folder.resolve("again");
    write(SETTINGS);
    assertEquals(first, bytes(out));
    out = folder.resolve("other");
    write(new EmojiDatasetSettings(SIDE, 16, 8));
    assertFalse(first.get("images/bar/red-01.png").equals(bytes(out).get("images/bar/red-01.png")), "another seed");
    assertEquals(first.get("images/bar/red-00.png"), bytes(out).get("images/bar/red-00.png"), "plain artwork");
  }

  @Test
  void fewerConceptsAreThePicturesOfTheFullSet() throws IOException {
    write(SETTINGS);
    Map<String, List<Byte>> all = bytes(out);
    out = folder.resolve("fewer");
    EmojiRecipe bars = IconPackages.RECIPE.only(List.of("bar"));
    new EmojiDatasetWriter(bars, SETTINGS).write(packages, out, drawn -> {});
    assertEquals(List.of("bar"), EmojiDataset.read(out).concepts().stream().map(DatasetConcept::name).toList());
    Map<String, List<Byte>> fewer = bytes(out);
    fewer.keySet().removeIf(file -> !file.endsWith(".png"));
    all.keySet().removeIf(file -> !file.contains("/bar/"));
    assertEquals(all, fewer);
  }

  @Test
  void artworkIsAttributed() throws IOException {
    write(SETTINGS);
    String attribution = Files.readString(out.resolve("ATTRIBUTION.md"));
    assertTrue(
        attribution.contains("| `red` | Red, Copyright A | [MIT](https://spdx.org/licenses/MIT.html) | https://a |"
            + " `@icons/red` 1.0.0 |\n"),
        attribution);
    String sources = Files.readString(out.resolve("dataset.json"));
    assertTrue(sources.contains("\"icons_sha256\""), sources);
  }

  @Test
  void aMissingPackageIsNamedWithItsCommand() throws IOException {
    Path manifest = packages.resolve("node_modules/@icons/ink/package.json");
    Files.writeString(manifest, "{\"name\": \"@icons/ink\", \"version\": \"1.9.0\"}");
    assertFails("has no package @icons/ink@2.0.0, only version 1.9.0; run npm install @icons/ink@2.0.0 in it");
    Files.delete(manifest);
    assertFails("has no package @icons/ink@2.0.0; run npm install @icons/ink@2.0.0 in it");
    packages = folder.resolve("none");
    assertFails("no folder of icon packages that can be read");
  }

  @Test
  void damagedPackagesAreRefused() throws IOException {
    IconPackages.write(packages, IconPackages.INK, "{\"icons\": {\"bar\": {\"body\": \"<pa");
    assertFails("line 1 is not JSON; install the package again");
    IconPackages.write(packages, IconPackages.INK, "{\"prefix\": \"ink\"}");
    assertFails("icons is missing");
    IconPackages.write(packages, IconPackages.INK, "{\"icons\": {\"bar\": {\"body\": \"<path/>\"}}}");
    assertFails("icons.old-disc is missing");
    IconPackages.write(packages, IconPackages.INK, "{\"icons\": {\"bar\": {\"body\": \"<path/>\", \"hFlip\": true}}}");
    assertFails("icons.bar.hFlip is not supported");
    IconPackages.write(packages, IconPackages.INK, "{\"icons\": {\"bar\": {\"body\": \"<path\"}}}");
    assertFails("icon bar/ink: is not SVG");
    IconPackages.write(
        packages,
        IconPackages.INK,
        "{\"icons\": {}, \"aliases\": {\"bar\": {\"parent\": \"rod\"}, \"rod\": {\"parent\": \"bar\"}}}");
    assertFails("aliases.bar is an alias of itself");
  }

  @Test
  void whatExistsIsNotOverwritten() throws IOException {
    Files.createDirectory(out);
    String message = assertThrows(UserException.class, () -> write(SETTINGS)).getMessage();
    assertTrue(message.contains("exists already"), message);
  }

  @Test
  void damagedDataSetsAreRefused() throws IOException {
    EmojiDataset dataset = write(SETTINGS);
    String json = Files.readString(out.resolve("dataset.json"));
    assertUnreadable(json.replace("\"version\" : 1", "\"version\" : 2"), "version is not 1");
    assertUnreadable(json.replace("\"held-out\"", "\"test\""), "images[13].split is neither train nor held-out");
    assertUnreadable(json.replace("\"seed\" : 7", "\"seeds\" : 7"), "seeds is not known");
    assertUnreadable(
        json.replace("[ \"red\"", "[ \"reed\""), "images[0].style is 'red', which the data set does not list");
    assertUnreadable(json.substring(0, json.length() / 2), "is not JSON");
    Files.delete(out.resolve("images/bar/red-00.png"));
    assertThrows(UserException.class, () -> dataset.pixels(dataset.entries().get(0)));
    Files.copy(out.resolve("reference/bar/ink.png"), out.resolve("images/bar/red-00.png"));
    assertEquals(3 * SIDE * SIDE, dataset.pixels(dataset.entries().get(0)).length);
  }

  private void assertUnreadable(String json, String expected) throws IOException {
    Files.writeString(out.resolve("dataset.json"), json);
    String message = assertThrows(UserException.class, () -> EmojiDataset.read(out)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.endsWith("make the data set again with lethe dataset emoji"), message);
  }
}
