package lethe.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import lethe.image.ImageFile;
import lethe.json.JsonObject;

/** A data set on disk, as {@code lethe dataset emoji} writes it. Pixels are read when they are asked for. */
public final class EmojiDataset {
  static final String FILE = "dataset.json";
  static final int VERSION = 1;

  private static final String MEND = "make the data set again with lethe dataset emoji";

  private final Path folder;
  private final int resolution;
  private final List<DatasetConcept> concepts;
  private final List<String> styles;
  private final Captions captions;
  private final List<DatasetEntry> entries;

  private EmojiDataset(Path folder, JsonObject json) {
    json.only(
        "name", "version", "resolution", "seed", "concepts", "styles", "variants", "images", "captions", "sources");
    if (json.integer("version") != VERSION) {
      throw json.wrong("version", "is not " + VERSION);
    }
    this.folder = folder;
    resolution = json.integer("resolution");
    concepts = json.objects("concepts").stream().map(DatasetConcept::read).toList();
    styles = json.texts("styles");
    captions = Captions.read(json);
    entries = entries(json);
  }

  /**
   * Reads what a data set's folder says of itself.
   *
   * @throws lethe.error.UserException if {@code dataset.json} is missing, damaged or of another version
   */
  public static EmojiDataset read(Path folder) {
    return new EmojiDataset(folder, JsonObject.read(folder.resolve(FILE), MEND));
  }

  /** Side of every image in pixels. */
  public int resolution() {
    return resolution;
  }

  public List<DatasetConcept> concepts() {
    return concepts;
  }

  public List<String> styles() {
    return styles;
  }

  public Captions captions() {
    return captions;
  }

  /** Every image, by concept, then style, then variant. */
  public List<DatasetEntry> entries() {
    return entries;
  }

  public List<DatasetEntry> entries(Split split) {
    return entries.stream().filter(entry -> entry.split() == split).toList();
  }

  /**
   * The levels 0..255 of an image as planes R, G, B: [3, resolution, resolution].
   *
   * @throws lethe.error.UserException if the file is missing, damaged or of another size
   */
  public byte[] pixels(DatasetEntry entry) {
    return ImageFile.readPlanes(folder.resolve(entry.file()), resolution, resolution);
  }

  /** A caption for an image, with one number drawn from {@code random}. */
  public String caption(DatasetEntry entry, RandomGenerator random) {
    return captions.draw(concepts.get(entry.concept()), styles.get(entry.style()), random);
  }

  private List<DatasetEntry> entries(JsonObject json) {
    List<String> names = concepts.stream().map(DatasetConcept::name).toList();
    List<DatasetEntry> read = new ArrayList<>();
    for (JsonObject image : json.objects("images")) {
      image.only("file", "concept", "style", "variant", "split");
      Split split = Arrays.stream(Split.values())
          .filter(value -> value.word().equals(image.text("split")))
          .findFirst()
          .orElseThrow(() -> image.wrong("split", "is neither train nor held-out"));
      read.add(new DatasetEntry(
          image.text("file"),
          place(image, "concept", names),
          place(image, "style", styles),
          image.integer("variant"),
          split));
    }
    if (read.isEmpty()) {
      throw json.wrong("images", "is empty");
    }
    return List.copyOf(read);
  }

  private static int place(JsonObject image, String key, List<String> names) {
    int place = names.indexOf(image.text(key));
    if (place < 0) {
      throw image.wrong(key, "is '%s', which the data set does not list".formatted(image.text(key)));
    }
    return place;
  }
}
