package lethe.dataset;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import lethe.checkpoint.AtomicOutput;
import lethe.image.PngWriter;

/** Draws the emoji data set from icon packages. The same packages, settings and Java give the same bytes. */
public final class EmojiDatasetWriter {
  /** Artwork is drawn this many times as large as its pictures, once for all variants. */
  private static final int OVERSIZE = 8;

  private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final EmojiRecipe recipe;
  private final EmojiDatasetSettings settings;
  private final List<Map<String, Object>> images = new ArrayList<>();

  public EmojiDatasetWriter(EmojiRecipe recipe, EmojiDatasetSettings settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  /** How many pictures there will be. */
  public int size() {
    return recipe.concepts().size() * recipe.styles().size() * settings.variants();
  }

  /**
   * Writes the data set as a new folder: {@code dataset.json}, {@code images/CONCEPT/STYLE-VARIANT.png}, the plain
   * artwork again as {@code reference/CONCEPT/STYLE.png}, and {@code ATTRIBUTION.md}.
   *
   * @param packages a folder in which the icon packages lie
   * @param listener hears how many pictures are drawn
   * @throws lethe.error.UserException if a package or an icon is missing or damaged, or {@code out} exists
   */
  public void write(Path packages, Path out, IntConsumer listener) {
    AtomicOutput.requireAbsent(out);
    Map<EmojiStyle, IconPackage> styles = new LinkedHashMap<>();
    recipe.styles().forEach(style -> styles.put(style, IconPackage.find(packages, style)));
    AtomicOutput.folder(out, folder -> {
      for (DatasetConcept concept : recipe.concepts()) {
        Files.createDirectories(folder.resolve("images").resolve(concept.name()));
        Files.createDirectories(folder.resolve("reference").resolve(concept.name()));
        for (EmojiStyle style : recipe.styles()) {
          drawVariants(folder, concept, style, styles.get(style).icon(concept.name()));
          listener.accept(images.size());
        }
      }
      JSON.writeValue(folder.resolve(EmojiDataset.FILE).toFile(), description(styles));
      Files.writeString(folder.resolve("ATTRIBUTION.md"), Attribution.of(recipe.styles()));
    });
  }

  private void drawVariants(Path folder, DatasetConcept concept, EmojiStyle style, Icon icon) throws IOException {
    String name = concept.name() + "/" + style.name();
    BufferedImage artwork = IconRenderer.draw(icon, name, settings.resolution() * OVERSIZE);
    for (int variant = 0; variant < settings.variants(); variant++) {
      BufferedImage picture = augmentation(name, variant).apply(artwork, settings.resolution());
      String file = "images/%s-%02d.png".formatted(name, variant);
      PngWriter.write(folder.resolve(file), picture, Map.of());
      if (variant == 0) {
        PngWriter.write(folder.resolve("reference/" + name + ".png"), picture, Map.of());
      }
      Map<String, Object> image = new LinkedHashMap<>();
      image.put("file", file);
      image.put("concept", concept.name());
      image.put("style", style.name());
      image.put("variant", variant);
      image.put("split", settings.split(variant).word());
      images.add(image);
    }
  }

  /** Its seed comes from the picture's name, so that a concept more or less changes no other picture. */
  private Augmentation augmentation(String name, int variant) {
    if (variant == 0) {
      return Augmentation.PLAIN;
    }
    long ofName = (long) name.hashCode() << Integer.SIZE | variant;
    return Augmentation.draw(new SplittableRandom(new SplittableRandom(settings.seed()).nextLong() ^ ofName));
  }

  private Map<String, Object> description(Map<EmojiStyle, IconPackage> styles) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", "emoji");
    json.put("version", EmojiDataset.VERSION);
    json.put("resolution", settings.resolution());
    json.put("seed", settings.seed());
    json.put("variants", settings.variants());
    json.put("concepts", recipe.concepts().stream().map(EmojiDatasetWriter::concept).toList());
    json.put("styles", recipe.styles().stream().map(EmojiStyle::name).toList());
    json.put("captions", recipe.captions().weights());
    json.put("sources", recipe.styles().stream().map(style -> source(style, styles.get(style))).toList());
    json.put("images", images);
    return json;
  }

  private static Map<String, Object> concept(DatasetConcept concept) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", concept.name());
    json.put("group", concept.group().word());
    json.put("article", concept.article());
    return json;
  }

  private static Map<String, Object> source(EmojiStyle style, IconPackage icons) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("style", style.name());
    json.put("package", style.packageName());
    json.put("version", style.version());
    json.put("licence", style.licence());
    json.put("icons_sha256", icons.sha256());
    return json;
  }
}
