package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lethe.error.UserException;
import lethe.tensor.DType;

/**
 * A Stable Diffusion 1.x or 2.x checkpoint on disk. Immutable, and holds nothing open: files are read when asked for.
 *
 * <p>Every defect of a file is a {@link UserException} that names the file and the mend.
 */
public abstract sealed class Checkpoint permits DiffusersFolder {
  /** How a checkpoint lies on disk. */
  public enum Format {
    /** A folder with {@code model_index.json} and one folder for each component. */
    DIFFUSERS_FOLDER,
    /** One safetensors file with all weights under their CompVis names. */
    SINGLE_FILE
  }

  private final Path path;
  private final Format format;

  Checkpoint(Path path, Format format) {
    this.path = path;
    this.format = format;
  }

  /**
   * Opens a diffusers folder or a single file.
   *
   * @throws UserException if {@code path} is neither
   */
  public static Checkpoint open(Path path) {
    if (Files.isDirectory(path)) {
      return DiffusersFolder.at(path);
    }
    throw UserException.failed("%s: no such file or folder; check the path".formatted(path));
  }

  public Path path() {
    return path;
  }

  public Format format() {
    return format;
  }

  /**
   * A component's configuration, as diffusers and transformers write it. The caller may change the object.
   *
   * @throws UserException if it is missing or not JSON
   */
  public abstract ObjectNode config(Component component);

  /** The folder with the tokenizer's files, if there is one; else the tokenizer is OpenAI CLIP's. */
  public abstract Optional<Path> tokenizerFolder();

  /** What a whole checkpoint has and this one lacks, one phrase each; empty if it is whole. Looks at names only. */
  public abstract List<String> missing();

  /** Where a component's weights lie. */
  abstract ComponentWeights locate(Component component);

  /** The weights of a component, in fp32 when taken. See {@link #weights(Component, DType)}. */
  public final StateDict weights(Component component) {
    return weights(component, DType.F32);
  }

  /**
   * The weights of a component under their canonical names. The caller closes them.
   *
   * @param dtype floating point type to which weights are converted when taken
   * @throws UserException if they are missing, pickled or damaged
   */
  public final StateDict weights(Component component, DType dtype) {
    return new StateDict(locate(component), dtype);
  }

  /**
   * What is there of a component, from its headers alone.
   *
   * @throws UserException if its weights are missing, pickled or damaged
   */
  public final ComponentListing listing(Component component) {
    return ComponentListing.of(locate(component));
  }

  /** SHA-256 of every weights file, in lower-case hex, by its path relative to the checkpoint. Reads the files whole. */
  public final Map<String, String> hashes() {
    Set<Path> files = new TreeSet<>();
    for (Component component : Component.values()) {
      if (component.hasWeights()) {
        files.addAll(locate(component).files());
      }
    }
    Map<String, String> hashes = new LinkedHashMap<>();
    files.forEach(file -> hashes.put(nameOf(file), Sha256.of(file)));
    return hashes;
  }

  private String nameOf(Path file) {
    return file.equals(path) ? file.getFileName().toString() : path.relativize(file).toString();
  }
}
