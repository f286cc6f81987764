package lethe.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two small icon packages on disk, and a recipe of what is in them. */
final class IconPackages {
  static final EmojiStyle RED = new EmojiStyle("red", "@icons/red", "1.0.0", "MIT", "Red, Copyright A", "https://a");
  static final EmojiStyle INK = new EmojiStyle("ink", "@icons/ink", "2.0.0", "MIT", "Ink, Copyright B", "https://b");
  static final EmojiRecipe RECIPE = new EmojiRecipe(
      List.of(RED, INK),
      List.of(
          new DatasetConcept("bar", ConceptGroup.OBJECT, "a"),
          new DatasetConcept("old-disc", ConceptGroup.OBJECT, "an"),
          new DatasetConcept("mage", ConceptGroup.CHARACTER, "a")),
      new Captions(captions()));

  private static final String RED_ICONS = """
      {"prefix": "red", "width": 8, "height": 8,
       "icons": {
         "bar": {"body": "<path fill='#f00' d='M0 2h8v4H0z'/>"},
         "round": {"body": "<circle cx='8' cy='8' r='6' fill='#f00'/>", "width": 16, "height": 16},
         "person-mage": {"body": "<path fill='#f00' d='M4 0l4 8H0z'/>"}},
       "aliases": {"disc": {"parent": "round"}, "old-disc": {"parent": "disc"}}}
      """;
  private static final String INK_ICONS = """
      {"prefix": "ink",
       "icons": {
         "bar": {"body": "<path fill='currentColor' d='M0 4h16v8H0z'/>"},
         "old-disc": {"body": "<circle cx='8' cy='8' r='6' fill='currentColor'/>"},
         "mage": {"body": "<path fill='currentColor' d='M8 0l8 16H0z'/>"}}}
      """;

  private IconPackages() {}

  /** As {@code npm install} leaves them. */
  static Path write(Path folder) throws IOException {
    write(folder, RED, RED_ICONS);
    write(folder, INK, INK_ICONS);
    return folder;
  }

  static void write(Path folder, EmojiStyle style, String icons) throws IOException {
    Path of = Files.createDirectories(folder.resolve("node_modules").resolve(style.packageName()));
    Files.writeString(
        of.resolve("package.json"),
        "{\"name\": \"%s\", \"version\": \"%s\"}".formatted(style.packageName(), style.version()));
    Files.writeString(of.resolve("icons.json"), icons);
  }

  private static Map<String, Double> captions() {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put("{article} {concept} in {style} style", 1.0);
    return weights;
  }
}
