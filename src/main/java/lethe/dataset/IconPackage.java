package lethe.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lethe.checkpoint.Sha256;
import lethe.error.UserException;
import lethe.json.JsonObject;

/**
 * The icons of an npm package in Iconify's JSON format.
 *
 * @see <a href="https://iconify.design/docs/types/iconify-json.html">Iconify JSON</a>
 */
final class IconPackage {
  private static final String ICONS = "icons.json";
  private static final String MEND = "install the package again";

  /** {@code node_modules/@iconify-json/noto/package.json}, below a folder of one's own. */
  private static final int DEPTH = 5;

  /** People who are neither man nor woman carry this before their name in some packages. */
  private static final String NEUTRAL = "person-";

  private static final String[] TRANSFORMS = {"left", "top", "rotate", "hFlip", "vFlip"};

  /** Side of an icon for which neither it nor its package says one. */
  private static final double DEFAULT_SIDE = 16;

  private final Path file;
  private final JsonObject json;
  private final JsonObject icons;

  private IconPackage(Path file) {
    this.file = file;
    json = JsonObject.read(file, MEND);
    icons = json.object("icons");
  }

  /**
   * Finds and reads a package.
   *
   * @param folder where {@code npm install} or unpacked {@code npm pack} archives put it, at any of a few levels
   * @throws UserException if it is missing, of another version, or damaged
   */
  static IconPackage find(Path folder, EmojiStyle style) {
    String wanted = "%s@%s".formatted(style.packageName(), style.version());
    String other = "";
    for (Path manifest : manifests(folder)) {
      JsonObject json = JsonObject.read(manifest, MEND);
      if (json.has("name") && json.text("name").equals(style.packageName())) {
        if (json.text("version").equals(style.version())) {
          return new IconPackage(manifest.resolveSibling(ICONS));
        }
        other = ", only version " + json.text("version");
      }
    }
    throw UserException.failed("%s: has no package %s%s; run npm install %s in it"
        .formatted(folder, wanted, other, wanted));
  }

  private static List<Path> manifests(Path folder) {
    try (Stream<Path> files = Files.find(folder, DEPTH, (file, attributes) -> file.endsWith("package.json"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw UserException.failed(
          "%s: no folder of icon packages that can be read; name one in which npm install has run".formatted(folder), e);
    }
  }

  /** SHA-256 of the file that holds the icons. */
  String sha256() {
    return Sha256.of(file);
  }

  /**
   * The icon of a concept: the one of its name, or its {@code person-} form, which is neither man nor woman.
   *
   * @throws UserException if there is neither
   */
  Icon icon(String concept) {
    for (String name : List.of(concept, NEUTRAL + concept)) {
      String stored = parent(name);
      if (icons.has(stored)) {
        return icon(icons.object(stored));
      }
    }
    throw icons.wrong(concept, "is missing");
  }

  /** The name under which an icon is stored, where {@code name} may be an alias of it. */
  private String parent(String name) {
    JsonObject aliases = json.has("aliases") ? json.object("aliases") : null;
    String stored = name;
    while (aliases != null && aliases.has(stored) && !icons.has(stored)) {
      JsonObject alias = aliases.object(stored);
      refuseTransforms(alias);
      stored = alias.text("parent");
      if (stored.equals(name)) {
        throw aliases.wrong(name, "is an alias of itself");
      }
    }
    return stored;
  }

  private Icon icon(JsonObject icon) {
    refuseTransforms(icon);
    return new Icon(icon.text("body"), side(icon, "width"), side(icon, "height"));
  }

  private double side(JsonObject icon, String key) {
    if (icon.has(key)) {
      return icon.number(key);
    }
    return json.has(key) ? json.number(key) : DEFAULT_SIDE;
  }

  private static void refuseTransforms(JsonObject icon) {
    for (String transform : TRANSFORMS) {
      if (icon.has(transform)) {
        throw icon.wrong(transform, "is not supported");
      }
    }
  }
}
