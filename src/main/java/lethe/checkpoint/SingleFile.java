package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import lethe.checkpoint.ComponentWeights.StoredTensor;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/** A checkpoint in one safetensors file under the names of CompVis' and Stability's code, as A1111 and ComfyUI read. */
final class SingleFile extends Checkpoint {
  /** Of the noise schedule, of training, and of the averaged weights; a checkpoint works without them. */
  private static final Set<String> EXTRAS =
      Set.of(
          "betas",
          "alphas_cumprod",
          "alphas_cumprod_prev",
          "sqrt_alphas_cumprod",
          "sqrt_one_minus_alphas_cumprod",
          "log_one_minus_alphas_cumprod",
          "sqrt_recip_alphas_cumprod",
          "sqrt_recipm1_alphas_cumprod",
          "posterior_variance",
          "posterior_log_variance_clipped",
          "posterior_mean_coef1",
          "posterior_mean_coef2",
          "lvlb_weights",
          "logvar",
          "scale_factor",
          "global_step",
          "cond_stage_model.logit_scale",
          "cond_stage_model.text_projection");

  private static final Map<Component, List<String>> PREFIXES =
      Map.of(
          Component.TEXT_ENCODER, List.of(CompVisClipKeys.PREFIX, OpenClipKeys.PREFIX),
          Component.UNET, List.of(CompVisUNetKeys.PREFIX),
          Component.VAE, List.of(CompVisVaeKeys.PREFIX));

  private static final String AVERAGED_WEIGHTS = "model_ema.";
  private static final String XL_TEXT_ENCODERS = "conditioner.embedders.";
  private static final int LISTED = 3;

  private final SafeTensorsHeader header;
  private final ConfigSource configs;

  private SingleFile(SafeTensorsHeader header, ConfigSource configs) {
    super(header.file(), Format.SINGLE_FILE);
    this.header = header;
    this.configs = configs;
  }

  /**
   * @param config diffusers folder with the configurations; null to look beside the file, then among those built in
   */
  static SingleFile at(Path file, Path config) {
    if (FileKind.isPickle(file)) {
      throw FileKind.refusedPickle(file);
    }
    SafeTensorsHeader header = SafeTensorsHeader.read(file);
    if (header.tensors().keySet().stream().anyMatch(key -> key.startsWith(XL_TEXT_ENCODERS))) {
      throw UserException.failed(
          "%s: is a Stable Diffusion XL checkpoint, which is not supported; give one of Stable Diffusion 1.x or 2.x"
              .formatted(file));
    }
    if (header.tensors().keySet().stream().noneMatch(key -> key.startsWith(CompVisUNetKeys.PREFIX))) {
      throw UserException.failed(
          ("%s: is not a whole checkpoint, no tensor begins with '%s'; "
                  + "give the diffusers folder it belongs to, or a whole file")
              .formatted(file, CompVisUNetKeys.PREFIX));
    }
    return new SingleFile(header, configs(header, config));
  }

  private static ConfigSource configs(SafeTensorsHeader header, Path config) {
    if (config != null) {
      return DiffusersFolder.at(config);
    }
    Path beside = header.file().toAbsolutePath().getParent();
    if (Files.isRegularFile(beside.resolve(DiffusersFolder.INDEX))) {
      return DiffusersFolder.at(beside);
    }
    return BuiltInConfigs.matching(header.tensors())
        .orElseThrow(
            () ->
                UserException.failed(
                    ("%s: its sizes are those of neither Stable Diffusion 1.x nor 2.x, and a single file holds no "
                            + "configuration; pass the diffusers folder that has it with --config DIR")
                        .formatted(header.file())));
  }

  @Override
  public ObjectNode config(Component component) {
    if (component == Component.TOKENIZER && tokenizerFolder().isEmpty()) {
      // OpenCLIP pads with "!", OpenAI's CLIP with the end of text.
      boolean openClip = textEncoderPrefix().equals(OpenClipKeys.PREFIX);
      return (openClip ? BuiltInConfigs.STABLE_DIFFUSION_2 : BuiltInConfigs.STABLE_DIFFUSION_1).config(component);
    }
    return configs.config(component);
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return configs.tokenizerFolder();
  }

  @Override
  public List<String> missing() {
    List<String> missing = new ArrayList<>();
    for (String prefix : List.of(textEncoderPrefix(), CompVisVaeKeys.PREFIX)) {
      if (header.tensors().keySet().stream().noneMatch(key -> key.startsWith(prefix))) {
        missing.add(prefix + "*");
      }
    }
    return missing;
  }

  @Override
  ComponentWeights locate(Component component) {
    requireKnown();
    CompVisKeys keys =
        switch (component) {
          case UNET -> new CompVisUNetKeys(config(component));
          case VAE -> new CompVisVaeKeys(config(component));
          case TEXT_ENCODER -> textEncoderPrefix().equals(OpenClipKeys.PREFIX)
              ? new OpenClipKeys(config(component))
              : new CompVisClipKeys();
          case SCHEDULER, TOKENIZER ->
              throw new IllegalArgumentException("the " + component.folder() + " has no weights");
        };
    List<StoredTensor> tensors =
        header.tensors().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(keys.prefix()))
            .map(entry -> new StoredTensor(path(), entry.getKey(), entry.getValue()))
            .toList();
    if (tensors.isEmpty()) {
      throw UserException.failed(
          "%s: has no %s, no tensor begins with '%s'; give a whole checkpoint"
              .formatted(path(), component.folder(), keys.prefix()));
    }
    return new ComponentWeights(component, List.of(path()), tensors, keys);
  }

  private String textEncoderPrefix() {
    return header.tensors().keySet().stream().anyMatch(key -> key.startsWith(OpenClipKeys.PREFIX))
        ? OpenClipKeys.PREFIX
        : CompVisClipKeys.PREFIX;
  }

  /**
   * Whether a safetensors file of any kind holds weights of one of these components under their CompVis names, or
   * might: of a file that cannot be read nobody knows.
   */
  static boolean mayHoldAny(Set<Component> components, Path file) {
    List<String> prefixes = components.stream().flatMap(component -> PREFIXES.get(component).stream()).toList();
    try {
      return SafeTensorsHeader.read(file).tensors().keySet().stream()
          .anyMatch(key -> prefixes.stream().anyMatch(key::startsWith));
    } catch (UserException unreadable) {
      return !components.isEmpty();
    }
  }

  /** Tensors of any component: the source's own are kept whatever they are for. */
  @Override
  void writeSingleFile(WritableByteChannel channel, Map<Component, Map<String, Tensor>> changed) throws IOException {
    try (MappedFiles files = new MappedFiles(List.of(path()))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      header.tensors().forEach((key, info) -> tensors.put(key, files.tensor(new StoredTensor(path(), key, info))));
      changed.forEach(
          (component, weights) -> tensors.putAll(new StoredForm(locate(component), files, weights).inPlace()));
      SafeTensorsWriter.write(channel, tensors, StoredForm.metadata(files));
    }
  }

  @Override
  void fillFolder(Path folder, Map<Component, Map<String, Tensor>> changed) throws IOException {
    for (Component component : Component.values()) {
      Path target = Files.createDirectory(folder.resolve(component.folder()));
      if (component.hasWeights()) {
        ComponentWeights weights = locate(component);
        requireConvertible(weights);
        try (MappedFiles files = new MappedFiles(weights.files())) {
          StoredForm form = new StoredForm(weights, files, changed.getOrDefault(component, Map.of()));
          AtomicOutput.writeDurably(
              target.resolve(component.weightsStem() + FileKind.SAFETENSORS),
              channel ->
                  SafeTensorsWriter.write(
                      channel, form.converted(DiffusersKeyMap.of(component)), SafeTensorsWriter.PYTORCH_METADATA));
        }
      }
      if (component == Component.TOKENIZER) {
        fillTokenizer(target);
      } else {
        Json.write(target.resolve(component.configFile()), config(component));
      }
    }
    Json.write(folder.resolve(DiffusersFolder.INDEX), modelIndexOfWhatIsWritten());
  }

  /** The configurations' folder may name further components, such as a safety checker, which a single file lacks. */
  private ObjectNode modelIndexOfWhatIsWritten() {
    ObjectNode index = configs.modelIndex();
    Set<String> written = Arrays.stream(Component.values()).map(Component::folder).collect(Collectors.toSet());
    for (Map.Entry<String, JsonNode> entry : index.properties()) {
      if (entry.getValue().isArray() && !written.contains(entry.getKey())) {
        entry.setValue(index.arrayNode().addNull().addNull());
      }
    }
    return index.put("requires_safety_checker", false);
  }

  private void fillTokenizer(Path folder) throws IOException {
    if (tokenizerFolder().isPresent()) {
      FolderCopy.copy(tokenizerFolder().get(), folder, file -> true);
    } else {
      ClipTokenizerFiles.write(folder, vocabularySize(), config(Component.TOKENIZER));
    }
  }

  private int vocabularySize() {
    try (StateDict weights = weights(Component.TEXT_ENCODER)) {
      long[] shape = weights.shape("embeddings.token_embedding.weight"); // [tokens, width]
      if (shape.length != 2 || !ClipTokenizerFiles.canHave(shape[0])) {
        throw UserException.failed(
            "%s: its %s token embeddings are not those of CLIP's tokenizer; pass its diffusers folder with --config DIR"
                .formatted(path(), Messages.shape(shape)));
      }
      return (int) shape[0];
    }
  }

  /** A name that the map gave back as it is has none in another format. */
  private void requireConvertible(ComponentWeights weights) {
    weights
        .canonical()
        .forEach(
            (name, placed) -> {
              if (name.equals(placed.stored().key())) {
                throw UserException.failed(
                    "%s: is unknown to the config of the %s; give the config that belongs to these weights"
                        .formatted(placed.stored(), weights.component().folder()));
              }
            });
  }

  /** What belongs to no component must be something known to be superfluous. */
  private void requireKnown() {
    List<String> prefixes =
        List.of(CompVisUNetKeys.PREFIX, CompVisVaeKeys.PREFIX, textEncoderPrefix(), AVERAGED_WEIGHTS);
    List<String> unknown =
        header.tensors().keySet().stream()
            .filter(key -> !EXTRAS.contains(key) && prefixes.stream().noneMatch(key::startsWith))
            .toList();
    if (!unknown.isEmpty()) {
      throw UserException.failed(
          "%s: %d tensors belong to no part of Stable Diffusion 1.x or 2.x: %s%s; remove them or give another file"
              .formatted(
                  path(),
                  unknown.size(),
                  unknown.stream().limit(LISTED).map(Messages::quoted).collect(Collectors.joining(", ")),
                  unknown.size() > LISTED ? ", ..." : ""));
    }
  }
}
