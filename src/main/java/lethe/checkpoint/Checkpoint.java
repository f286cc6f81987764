package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
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
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * A Stable Diffusion 1.x or 2.x checkpoint on disk. Immutable, and holds nothing open: files are read when asked for.
 *
 * <p>Every defect of a file is a {@link UserException} that names the file and the mend.
 */
public abstract sealed class Checkpoint permits DiffusersFolder, SingleFile {
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
   * Opens a diffusers folder or a single file. A single file holds no configuration: it is taken from the diffusers
   * folder in which the file lies, if it does, or else from the published model of the same sizes.
   *
   * @throws UserException if {@code path} is neither, or there is no configuration for it
   */
  public static Checkpoint open(Path path) {
    return open(path, null);
  }

  /**
   * As {@link #open(Path)}, taking a single file's configuration and tokenizer from a diffusers folder.
   *
   * @param config the folder, which needs no weights; null to look for it
   * @throws UserException if {@code path} is neither a diffusers folder nor a single file, {@code config} is no
   *     diffusers folder, or both are folders
   */
  public static Checkpoint open(Path path, Path config) {
    if (Files.isDirectory(path)) {
      if (config != null) {
        throw UserException.usage(
            "%s: is a diffusers folder with its own configuration; leave out --config %s".formatted(path, config));
      }
      return DiffusersFolder.at(path);
    }
    if (!Files.exists(path)) {
      throw UserException.failed("%s: no such file or folder; check the path".formatted(path));
    }
    return SingleFile.at(path, config);
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

  /** SHA-256 of every weights file, in lower-case hex, by its path inside the checkpoint. Reads the files whole. */
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

  /**
   * Writes a checkpoint of the same format in which weights are replaced, and all else is as it was, byte by byte.
   * See {@link #save}.
   */
  public final void saveWith(Map<Component, Map<String, Tensor>> changed, Path out) {
    save(changed, format, out);
  }

  /** Writes the same weights in another format. See {@link #save}. */
  public final void saveAs(Format target, Path out) {
    save(Map.of(), target, out);
  }

  /**
   * Writes a checkpoint in which weights are replaced. It appears whole or not at all.
   *
   * <p>A component of which any weight is replaced becomes one file, under the names its weights have here; no other
   * file with its old weights (variants, pickles, single files beside the components) is copied. Conversion to a single
   * file leaves out configurations and tokenizer, conversion to a folder the tensors that belong to no component.
   *
   * @param changed new weights by canonical name, written in the type they have; need not be all of a component's
   * @param out must not exist; a single file's name ends with {@code .safetensors}
   * @throws UserException if {@code out} exists or cannot be written, or this checkpoint is broken
   * @throws IllegalArgumentException if there is no such weight, or one of another shape
   */
  public final void save(Map<Component, Map<String, Tensor>> changed, Format target, Path out) {
    AtomicOutput.requireAbsent(out);
    changed.keySet().forEach(Component::requireWeights);
    try (Scope scope = new Scope()) {
      switch (target) {
        case DIFFUSERS_FOLDER -> AtomicOutput.folder(out, folder -> fillFolder(folder, changed));
        case SINGLE_FILE -> {
          if (!FileKind.isSafeTensors(out)) {
            throw UserException.failed(
                "%s: a single file's name must end with %s; choose such a name"
                    .formatted(out, FileKind.SAFETENSORS));
          }
          AtomicOutput.file(out, channel -> writeSingleFile(channel, changed));
        }
      }
    }
  }

  abstract void fillFolder(Path folder, Map<Component, Map<String, Tensor>> changed) throws IOException;

  abstract void writeSingleFile(WritableByteChannel channel, Map<Component, Map<String, Tensor>> changed)
      throws IOException;

  /** As {@link #hashes()} of the checkpoint at {@code path}; a single file needs no configuration for it. */
  public static Map<String, String> hashesOf(Path path) {
    return Files.isDirectory(path)
        ? open(path).hashes()
        : Map.of(path.getFileName().toString(), Sha256.of(path));
  }

  private String nameOf(Path file) {
    return file.equals(path) ? file.getFileName().toString() : path.relativize(file).toString();
  }
}
