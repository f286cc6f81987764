package lethe.checkpoint;

/** The parts of a Stable Diffusion pipeline, under the names that diffusers gives to their folders. */
public enum Component {
  TEXT_ENCODER("text_encoder", "config.json", "model"),
  UNET("unet", "config.json", "diffusion_pytorch_model"),
  VAE("vae", "config.json", "diffusion_pytorch_model"),
  SCHEDULER("scheduler", "scheduler_config.json", null),
  TOKENIZER("tokenizer", "tokenizer_config.json", null);

  private final String folder;
  private final String configFile;
  private final String weightsStem;

  Component(String folder, String configFile, String weightsStem) {
    this.folder = folder;
    this.configFile = configFile;
    this.weightsStem = weightsStem;
  }

  /** Name of its folder, and of its entry in {@code model_index.json}: {@code text_encoder}. */
  public String folder() {
    return folder;
  }

  /** Name of its configuration file inside the folder. */
  public String configFile() {
    return configFile;
  }

  public boolean hasWeights() {
    return weightsStem != null;
  }

  /** Name of its weights file without {@code .safetensors}. */
  String weightsStem() {
    requireWeights();
    return weightsStem;
  }

  void requireWeights() {
    if (!hasWeights()) {
      throw new IllegalArgumentException("the " + folder + " has no weights");
    }
  }
}
