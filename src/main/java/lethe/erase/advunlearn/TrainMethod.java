package lethe.erase.advunlearn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import lethe.error.UserException;
import lethe.model.unet.UNetConfig;

/**
 * Which parameters are trained, under the names of the published code ({@code param_choices}).
 *
 * @param name one of {@link #NAMES}
 */
public record TrainMethod(String name) {
  private static final String TEXT_ENCODER = "text_encoder_";
  private static final int PUBLISHED_LAYERS = 12;
  private static final List<String> OF_UNET =
      List.of("full", "noxattn", "selfattn", "xattn", "notime", "xlayer", "selflayer");

  /** The layers that each text encoder method but the full one trains. */
  private static final Map<String, TreeSet<Integer>> LAYERS = layers();

  /** All names, the default first. */
  public static final List<String> NAMES = names();

  /** All encoder layers, and the final norm. */
  public static final TrainMethod DEFAULT = new TrainMethod("text_encoder_full");

  public TrainMethod {
    if (!NAMES.contains(name)) {
      throw UserException.usage(
          "--train-method is '%s', it must be one of %s".formatted(name, String.join(", ", NAMES)));
    }
  }

  public boolean ofTextEncoder() {
    return name.startsWith(TEXT_ENCODER);
  }

  /**
   * Whether a text encoder's parameter is trained. Embeddings never are.
   *
   * @param normLayer whether the final norm is, where that is not decided by the method: the full one trains it unless
   *     only parts of the layers are trained
   * @param strict choose layers by how their names begin, as published. Quirk: layer 1 then brings 10 and 11 along
   */
  boolean trainsText(String parameter, TrainedComponent component, boolean normLayer, boolean strict) {
    boolean full = this.equals(DEFAULT);
    if (parameter.startsWith("final_layer_norm.")) {
      return normLayer || full && component == TrainedComponent.ALL;
    }
    if (!parameter.startsWith("encoder.layers.") || !component.includes(parameter)) {
      return false;
    }
    String layer = parameter.split("\\.")[2];
    return full
        || LAYERS.get(name).stream()
            .map(String::valueOf)
            .anyMatch(chosen -> strict ? layer.startsWith(chosen) : layer.equals(chosen));
  }

  /** The highest layer that this method names, or -1 if it takes all there are. */
  int highestLayer() {
    return LAYERS.containsKey(name) ? LAYERS.get(name).last() : -1;
  }

  /** Whether a UNet's parameter is trained. */
  boolean trainsUnet(String parameter, UNetConfig config) {
    boolean out = parameter.startsWith("conv_norm_out.") || parameter.startsWith("conv_out.");
    boolean time = parameter.startsWith("time_embedding.");
    boolean self = parameter.contains(".attn1.");
    boolean cross = parameter.contains(".attn2.");
    int layers = config.layersPerBlock()[0];
    return switch (name) {
      case "full" -> true;
      case "noxattn" -> !out && !time && !cross;
      case "selfattn" -> self;
      case "xattn" -> cross;
      case "notime" -> !out && !time;
      // CompVis counts blocks through all levels: input block 0 is the first convolution, and a level's downsampler is
      // its last input block.
      case "xlayer" -> cross && inBlock(parameter, "up_blocks", layers + 1, 6, 8);
      case "selflayer" -> self && inBlock(parameter, "down_blocks", layers + 1, 4 - 1, 7 - 1);
      default -> throw new AssertionError(name);
    };
  }

  private static boolean inBlock(String parameter, String side, int perLevel, int first, int second) {
    return IntStream.of(first, second)
        .anyMatch(
            block ->
                parameter.startsWith(side + "." + block / perLevel + ".attentions." + block % perLevel + "."));
  }

  private static Map<String, TreeSet<Integer>> layers() {
    Map<String, TreeSet<Integer>> layers = new LinkedHashMap<>();
    for (int count = 1; count <= PUBLISHED_LAYERS; count++) {
      put(layers, IntStream.range(0, count).toArray());
    }
    for (int count = 1; count <= 3; count++) {
      int[] first = IntStream.range(0, count).toArray();
      int[] last = IntStream.range(PUBLISHED_LAYERS - count, PUBLISHED_LAYERS).toArray();
      put(layers, first, last);
    }
    return layers;
  }

  /** {@code text_encoder_layer012_91011} for (0, 1, 2), (9, 10, 11). */
  private static void put(Map<String, TreeSet<Integer>> layers, int[]... runs) {
    TreeSet<Integer> all = new TreeSet<>();
    StringBuilder name = new StringBuilder(TEXT_ENCODER + "layer");
    for (int i = 0; i < runs.length; i++) {
      name.append(i == 0 ? "" : "_");
      for (int layer : runs[i]) {
        all.add(layer);
        name.append(layer);
      }
    }
    layers.put(name.toString(), all);
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(List.of(TEXT_ENCODER + "full"));
    names.addAll(LAYERS.keySet());
    names.addAll(OF_UNET);
    return List.copyOf(names);
  }

  @Override
  public String toString() {
    return name;
  }
}
