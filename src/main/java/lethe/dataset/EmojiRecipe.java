package lethe.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import lethe.json.JsonObject;

/** What the emoji data set is made of: concepts, styles, captions. */
public record EmojiRecipe(List<EmojiStyle> styles, List<DatasetConcept> concepts, Captions captions) {
  private static final String RESOURCE = "emoji.json";

  /** The recipe that comes with Lethe. */
  public static EmojiRecipe builtIn() {
    try (InputStream in = EmojiRecipe.class.getResourceAsStream(RESOURCE)) {
      return of(JsonObject.read(RESOURCE, in, "build Lethe anew"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Concepts by name, in the order in which they are drawn. */
  public List<String> conceptNames() {
    return concepts.stream().map(DatasetConcept::name).toList();
  }

  /** The same with these concepts alone. */
  public EmojiRecipe only(Collection<String> names) {
    List<DatasetConcept> kept = concepts.stream().filter(concept -> names.contains(concept.name())).toList();
    return new EmojiRecipe(styles, kept, captions);
  }

  static EmojiRecipe of(JsonObject json) {
    json.only("styles", "captions", "concepts");
    List<EmojiStyle> styles = json.objects("styles").stream().map(EmojiRecipe::style).toList();
    List<DatasetConcept> concepts = json.objects("concepts").stream().map(DatasetConcept::read).toList();
    return new EmojiRecipe(styles, concepts, Captions.read(json));
  }

  private static EmojiStyle style(JsonObject json) {
    json.only("name", "package", "version", "licence", "artwork", "source");
    return new EmojiStyle(
        json.text("name"),
        json.text("package"),
        json.text("version"),
        json.text("licence"),
        json.text("artwork"),
        json.text("source"));
  }
}
