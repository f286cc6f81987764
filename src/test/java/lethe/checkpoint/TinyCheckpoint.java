package lethe.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The smallest folder that is read as a diffusers checkpoint: a weight or two in each component. */
final class TinyCheckpoint {
  private static final String MODEL_INDEX =
      """
      {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [null, null],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]
      }
      """;

  private TinyCheckpoint() {}

  /** Writes it to a new folder; the tensors belong to the current scope. */
  static Path write(Path folder) throws IOException {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("model_index.json"), MODEL_INDEX);
    component(folder, Component.SCHEDULER, "{\"_class_name\": \"DDIMScheduler\"}");
    component(folder, Component.TOKENIZER, "{\"pad_token\": \"!\"}");
    component(folder, Component.TEXT_ENCODER, "{\"hidden_size\": 32}");
    component(folder, Component.UNET, "{\"cross_attention_dim\": 32}");
    component(folder, Component.VAE, "{\"latent_channels\": 4}");
    weights(
        folder,
        Component.TEXT_ENCODER,
        Map.of("text_model.final_layer_norm.weight", torch.rand(8), "text_model.final_layer_norm.bias", torch.rand(8)));
    weights(folder, Component.UNET, Map.of("conv_in.weight", torch.rand(8, 4), "conv_in.bias", torch.rand(8)));
    weights(folder, Component.VAE, Map.of("encoder.mid_block.attentions.0.query.weight", torch.rand(8, 8)));
    return folder;
  }

  private static void component(Path root, Component component, String config) throws IOException {
    Path folder = Files.createDirectory(root.resolve(component.folder()));
    Files.writeString(folder.resolve(component.configFile()), config);
  }

  private static void weights(Path root, Component component, Map<String, Tensor> tensors) {
    SafeTensorsWriter.write(
        root.resolve(component.folder()).resolve(component.weightsStem() + ".safetensors"), tensors);
  }
}
