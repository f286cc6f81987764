package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The configurations of the published models, for single files that come without: those that diffusers'
 * {@code from_single_file} takes, of Stable Diffusion 1.5 and of 2.1.
 */
enum BuiltInConfigs implements ConfigSource {
  STABLE_DIFFUSION_1("stable-diffusion-1", 768),
  STABLE_DIFFUSION_2("stable-diffusion-2", 1024);

  private static final String CONVOLUTION_IN = CompVisUNetKeys.PREFIX + "input_blocks.0.0.weight";
  private static final String CROSS_ATTENTION =
      CompVisUNetKeys.PREFIX + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight";
  private static final int CHANNELS = 320;

  private final ConfigSource configs;
  private final int crossAttentionDim;

  BuiltInConfigs(String folder, int crossAttentionDim) {
    this.configs = new ResourceConfigs(folder);
    this.crossAttentionDim = crossAttentionDim;
  }

  /** The configurations whose UNet has the sizes of the file's; empty if it is of another size. */
  static Optional<BuiltInConfigs> matching(Map<String, TensorInfo> tensors) {
    return Arrays.stream(values())
        .filter(
            configs ->
                hasShape(tensors, CONVOLUTION_IN, CHANNELS, 4, 3, 3)
                    && hasShape(tensors, CROSS_ATTENTION, CHANNELS, configs.crossAttentionDim))
        .findFirst();
  }

  private static boolean hasShape(Map<String, TensorInfo> tensors, String key, long... shape) {
    return tensors.containsKey(key) && Arrays.equals(tensors.get(key).shape(), shape);
  }

  @Override
  public ObjectNode modelIndex() {
    return configs.modelIndex();
  }

  @Override
  public ObjectNode config(Component component) {
    return configs.config(component);
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return configs.tokenizerFolder();
  }
}
