package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/** A checkpoint as diffusers saves it: {@code model_index.json} and one folder for each component. */
final class DiffusersFolder extends Checkpoint implements ConfigSource {
  static final String INDEX = "model_index.json";

  /** The classes a Stable Diffusion 1.x or 2.x pipeline is made of; other components of it are left as they are. */
  private static final Map<Component, String> CLASSES =
      Map.of(
          Component.TEXT_ENCODER, "CLIPTextModel",
          Component.UNET, "UNet2DConditionModel",
          Component.VAE, "AutoencoderKL");

  /** Tells how this checkpoint was made, which is not how a copy of it was. */
  private static final Path RUN_RECORD = Path.of("run.json");

  private DiffusersFolder(Path folder) {
    super(folder, Format.DIFFUSERS_FOLDER);
  }

  static DiffusersFolder at(Path folder) {
    Path index = folder.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      throw UserException.failed(
          "%s: is not a diffusers folder, it has no %s; give the folder that holds it, or a .safetensors file"
              .formatted(folder, INDEX));
    }
    requireStableDiffusion(index, Json.readObject(index));
    return new DiffusersFolder(folder);
  }

  /** Other pipelines have components of the same names that are something else. */
  private static void requireStableDiffusion(Path index, ObjectNode pipeline) {
    CLASSES.forEach(
        (component, expected) -> {
          JsonNode actual = pipeline.path(component.folder()).path(1);
          if (actual.isTextual() && !actual.textValue().equals(expected)) {
            throw unsupported(
                index,
                pipeline,
                "its %s is a %s instead of a %s".formatted(component.folder(), actual.textValue(), expected));
          }
        });
    if (pipeline.path("text_encoder_2").path(1).isTextual()) {
      throw unsupported(index, pipeline, "it has a second text encoder");
    }
  }

  private static UserException unsupported(Path index, ObjectNode pipeline, String why) {
    return UserException.failed(
        "%s: %s is not supported (%s); give a Stable Diffusion 1.x or 2.x checkpoint"
            .formatted(index, pipeline.path("_class_name").asText("the pipeline"), why));
  }

  @Override
  public ObjectNode modelIndex() {
    return Json.readObject(path().resolve(INDEX));
  }

  @Override
  public ObjectNode config(Component component) {
    return Json.readObject(configFile(component));
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return Optional.of(path().resolve(Component.TOKENIZER.folder())).filter(Files::isDirectory);
  }

  @Override
  public List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (Component component : Component.values()) {
      if (!Files.isRegularFile(configFile(component))) {
        missing.add(component.folder() + "/" + component.configFile());
      }
      if (component.hasWeights() && new DiffusersWeights(path(), component).find().isEmpty()) {
        missing.add(component.folder() + "/" + component.weightsStem() + FileKind.SAFETENSORS);
      }
    }
    return missing;
  }

  @Override
  ComponentWeights locate(Component component) {
    return new DiffusersWeights(path(), component).read();
  }

  @Override
  void fillFolder(Path folder, Map<Component, Map<String, Tensor>> changed) throws IOException {
    FolderCopy.copy(
        path(), folder, file -> !file.equals(RUN_RECORD) && !holdsWeightsOf(changed.keySet(), file));
    for (Component component : changed.keySet()) {
      ComponentWeights weights = locate(component);
      String name = new DiffusersWeights(path(), component).singleFileName();
      try (MappedFiles files = new MappedFiles(weights.files())) {
        StoredForm form = new StoredForm(weights, files, changed.get(component));
        AtomicOutput.writeDurably(
            folder.resolve(component.folder()).resolve(name),
            channel -> SafeTensorsWriter.write(channel, form.inPlace(), form.metadata()));
      }
    }
  }

  /** Whether a file, given relative to the checkpoint, holds old weights of one of these components. */
  private boolean holdsWeightsOf(Set<Component> components, Path file) {
    if (file.getNameCount() > 1) {
      return FileKind.holdsWeights(file)
          && components.stream().anyMatch(component -> file.startsWith(component.folder()));
    }
    if (FileKind.isPickle(file)) {
      return !components.isEmpty();
    }
    return FileKind.isSafeTensors(file) && SingleFile.mayHoldAny(components, path().resolve(file));
  }

  @Override
  void writeSingleFile(WritableByteChannel channel, Map<Component, Map<String, Tensor>> changed) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Component component : Component.values()) {
      if (component.hasWeights()) {
        ComponentWeights weights = locate(component);
        try (MappedFiles files = new MappedFiles(weights.files())) {
          StoredForm form = new StoredForm(weights, files, changed.getOrDefault(component, Map.of()));
          tensors.putAll(form.converted(CompVisKeys.of(component, config(component))));
        }
      }
    }
    SafeTensorsWriter.write(channel, tensors, SafeTensorsWriter.PYTORCH_METADATA);
  }

  private Path configFile(Component component) {
    return path().resolve(component.folder()).resolve(component.configFile());
  }
}
