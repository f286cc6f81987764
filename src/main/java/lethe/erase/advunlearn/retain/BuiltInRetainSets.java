package lethe.erase.advunlearn.retain;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lethe.error.UserException;

/**
 * AdvUnlearn's published sets of {@code a photo of {thing}}, under their published names, each prompt once.
 *
 * <p>Those called no_filter still have the words that its authors took out for the sake of erasing nudity.
 */
public final class BuiltInRetainSets {
  /** Every set; the first is the default. */
  public static final List<String> NAMES =
      List.of("coco_object", "coco_object_no_filter", "imagenet243", "imagenet243_no_filter");

  private static final String TEMPLATE = "a photo of ";

  private BuiltInRetainSets() {}

  /** @throws UserException if no set has that name */
  public static RetainSet get(String name) {
    if (!NAMES.contains(name)) {
      throw UserException.usage(
          "there is no retain set \"%s\"; name one of %s, or a file".formatted(name, String.join(", ", NAMES)));
    }
    return RetainSet.of(name, prompts(name));
  }

  /** What the published filter takes out of the COCO objects. */
  static Set<String> filteredFromCocoObjects() {
    Set<String> objects = new LinkedHashSet<>(prompts("coco_object_no_filter"));
    prompts("coco_object").forEach(objects::remove);
    return Set.copyOf(objects.stream().map(prompt -> prompt.substring(TEMPLATE.length())).toList());
  }

  private static List<String> prompts(String name) {
    try (InputStream in = BuiltInRetainSets.class.getResourceAsStream(name + ".txt");
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
