package lethe.model.classifier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.checkpoint.WeightsFile;
import lethe.error.UserException;
import lethe.model.layer.Conv2d;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.InitialWeights;
import lethe.model.layer.Linear;
import lethe.model.layer.Network;
import lethe.model.layer.ResnetBlock2D;
import lethe.model.layer.WeightReader;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Tells which concept a small picture shows and in which style: a residual network with a mean over all places and two
 * linear heads. The concepts have one class more, for pictures that show none of them.
 */
public final class ConceptClassifier extends Network {
  private static final String NAME = "classifier";
  private static final String WEIGHTS = "model.safetensors";
  private static final double NORM_EPS = 1e-6;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectWriter INDENTED = JSON.writerWithDefaultPrettyPrinter();

  private final ClassifierConfig config;
  private final Conv2d convIn;
  private final List<Level> levels = new ArrayList<>();
  private final GroupNorm normOut;
  private final Linear conceptHead;
  private final Linear styleHead;

  /** @param downsample to the next level, or null behind the last one */
  private record Level(ResnetBlock2D block, Conv2d downsample) {}

  /**
   * What it says of B pictures, before softmax.
   *
   * @param concept [B, concepts + 1]
   * @param style [B, styles]
   */
  public record Logits(Tensor concept, Tensor style) {}

  private ConceptClassifier(ClassifierConfig config, WeightReader weights) {
    this.config = config;
    int[] channels = config.blockOutChannels();
    int groups = config.normNumGroups();
    convIn = halving(weights.at("conv_in"), 3, channels[0]);
    for (int i = 0; i < channels.length; i++) {
      WeightReader level = weights.at("levels", i);
      ResnetBlock2D block = new ResnetBlock2D(level.at("resnet"), channels[i], channels[i], 0, groups, NORM_EPS);
      boolean last = i == channels.length - 1;
      levels.add(new Level(block, last ? null : halving(level.at("downsample"), channels[i], channels[i + 1])));
    }
    int width = channels[channels.length - 1];
    normOut = new GroupNorm(weights.at("norm_out"), groups, width, NORM_EPS);
    conceptHead = Linear.of(weights.at("concept_head"), width, config.noConcept() + 1);
    styleHead = Linear.of(weights.at("style_head"), width, config.styles().size());
  }

  /** A 4 x 4 convolution of stride 2: every pixel counts the same, which with 3 x 3 it does not. */
  private static Conv2d halving(WeightReader weights, long in, long out) {
    return new Conv2d(weights, in, out, 4, 2, 1);
  }

  /**
   * Loads a folder that {@link #save} wrote.
   *
   * @throws UserException if a file is missing or broken, or the two do not fit each other
   */
  public static ConceptClassifier load(Path folder) {
    Path file = folder.resolve(ClassifierConfig.FILE);
    if (!Files.isRegularFile(file)) {
      throw UserException.failed(
          "%s: is no classifier, it has no %s; give a folder that 'lethe train classifier' wrote"
              .formatted(folder, ClassifierConfig.FILE));
    }
    ClassifierConfig config = ClassifierConfig.of(file.toString(), read(file));
    try (WeightsFile weights = new WeightsFile(folder.resolve(WEIGHTS), DType.F32)) {
      return load(weights, NAME, DType.F32, Device.CPU, reader -> new ConceptClassifier(config, reader));
    }
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw UserException.failed(
          "%s: is not JSON (%s); correct it or fetch it again".formatted(file, e.getOriginalMessage()));
    } catch (IOException e) {
      throw UserException.failed("cannot read %s: %s; check its permissions".formatted(file, e.getMessage()), e);
    }
  }

  /** A network to be trained, its weights drawn from {@code seed}. */
  public static ConceptClassifier initial(ClassifierConfig config, long seed) {
    return load(
        new InitialWeights(seed), NAME, DType.F32, Device.CPU, reader -> new ConceptClassifier(config, reader));
  }

  public ClassifierConfig config() {
    return config;
  }

  /**
   * @param images [B, 3, S, S] in [-1, 1], S the config's sampleSize; not clamped here
   */
  public Logits forward(Tensor images) {
    try (Scope scope = new Scope()) {
      Tensor h = convIn.forward(images);
      for (Level level : levels) {
        h = level.block().forward(h, null);
        if (level.downsample() != null) {
          h = level.downsample().forward(h);
        }
      }
      Tensor features = torch.silu(normOut.forward(h)).mean(2, 3);
      return new Logits(scope.keep(conceptHead.forward(features)), scope.keep(styleHead.forward(features)));
    }
  }

  /**
   * Writes {@code config.json} and, in fp16, {@code model.safetensors} to a new folder. It appears whole or not at all.
   *
   * @throws UserException if {@code folder} exists or cannot be written
   */
  public void save(Path folder) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> half = parametersAs(DType.F16);
      AtomicOutput.folder(
          folder,
          to -> {
            String json = INDENTED.writeValueAsString(config.json()) + "\n";
            Files.writeString(to.resolve(ClassifierConfig.FILE), json, StandardCharsets.UTF_8);
            SafeTensorsWriter.write(to.resolve(WEIGHTS), half);
          });
    }
  }
}
