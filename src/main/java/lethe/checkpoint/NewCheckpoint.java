package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import lethe.checkpoint.SafeTensorsWriter.Declared;
import lethe.error.UserException;
import lethe.tensor.DType;
import org.bytedeco.pytorch.Tensor;

/**
 * A diffusers folder that is made from nothing: configurations of a known model, and weights that are asked for one by
 * one while they are written, so that no more than one lies in memory.
 */
public final class NewCheckpoint {
  private final ModelShape model;
  private final DType dtype;
  private final Map<Component, Map<String, long[]>> shapes;

  /** Makes weights. */
  @FunctionalInterface
  public interface WeightSource {
    /**
     * @param name canonical
     * @return a tensor of this shape and of the checkpoint's type; owned by the current scope
     */
    Tensor weight(Component component, String name, long[] shape);
  }

  /**
   * @param dtype of all weights
   * @param shapes of all weights of every component that has some, by canonical name
   */
  public NewCheckpoint(ModelShape model, DType dtype, Map<Component, Map<String, long[]>> shapes) {
    this.model = model;
    this.dtype = dtype;
    this.shapes = shapes;
  }

  /** Bytes of all weights together. */
  public long bytes() {
    return shapes.values().stream()
        .flatMap(component -> component.values().stream())
        .mapToLong(shape -> new Declared(dtype, shape).bytes())
        .sum();
  }

  /**
   * Writes the folder. It appears whole or not at all.
   *
   * @throws UserException if {@code out} exists, cannot be written, or its disk has too little room
   */
  public void write(Path out, WeightSource source) {
    AtomicOutput.requireAbsent(out);
    DiskSpace.require(out, bytes());
    AtomicOutput.folder(out, folder -> fill(folder, source));
  }

  private void fill(Path folder, WeightSource source) throws IOException {
    Json.write(folder.resolve(DiffusersFolder.INDEX), model.modelIndex());
    for (Component component : Component.values()) {
      Path target = Files.createDirectory(folder.resolve(component.folder()));
      ObjectNode config = model.config(component);
      if (component == Component.TOKENIZER) {
        int vocabularySize = model.config(Component.TEXT_ENCODER).get("vocab_size").intValue();
        ClipTokenizerFiles.write(target, vocabularySize, config);
      } else {
        Json.write(target.resolve(component.configFile()), config);
      }
      if (component.hasWeights()) {
        writeWeights(target.resolve(component.weightsStem() + FileKind.SAFETENSORS), component, source);
      }
    }
  }

  private void writeWeights(Path file, Component component, WeightSource source) throws IOException {
    KeyMap keys = DiffusersKeyMap.of(component);
    Map<String, String> names = new LinkedHashMap<>(); // by the key in the file
    Map<String, Declared> declared = new LinkedHashMap<>();
    shapes
        .get(component)
        .forEach(
            (name, shape) -> {
              String key = keys.stored(name, shape).key();
              names.put(key, name);
              declared.put(key, new Declared(dtype, shape));
            });
    Function<String, Tensor> data = key -> source.weight(component, names.get(key), declared.get(key).shape());
    AtomicOutput.writeDurably(
        file, channel -> SafeTensorsWriter.write(channel, declared, data, SafeTensorsWriter.PYTORCH_METADATA));
  }
}
