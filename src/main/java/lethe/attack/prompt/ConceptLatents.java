package lethe.attack.prompt;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import lethe.image.ImageFile;
import lethe.image.ImageFolder;
import lethe.image.ImageResize;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Latents of images that show the concept: what an attack has the erased model denoise. Owns its tensors. */
public final class ConceptLatents implements AutoCloseable {
  private final List<Tensor> latents = new ArrayList<>();

  private ConceptLatents() {}

  /**
   * Of the images that the original model draws from the prompts, one per prompt.
   *
   * @param goOn asked after each image; the images so far if it says no
   */
  public static ConceptLatents drawnBy(
      StableDiffusion original, List<AttackPrompt> prompts, Drawing drawing, BooleanSupplier goOn) {
    ConceptLatents result = new ConceptLatents();
    for (AttackPrompt prompt : prompts) {
      try (Scope scope = new Scope()) {
        Tensor image = drawing.draw(original, prompt);
        // An image on its way through a file would be clamped, too.
        result.add(original, image.clamp(bound(-1), bound(1)));
      }
      if (!goOn.getAsBoolean()) {
        break;
      }
    }
    return result;
  }

  /**
   * Of given pictures, resized and cropped at their centre.
   *
   * @throws lethe.error.UserException if there are none, or one cannot be read
   */
  public static ConceptLatents of(StableDiffusion model, Path folder) {
    ConceptLatents result = new ConceptLatents();
    for (Path file : ImageFolder.list(folder)) {
      try (Scope scope = new Scope()) {
        int side = model.nativeResolution();
        result.add(model, ImageResize.centerCrop(ImageResize.shorterSide(ImageFile.read(file), side), side));
      }
    }
    return result;
  }

  private static ScalarOptional bound(double value) {
    return new ScalarOptional(new Scalar(value));
  }

  private void add(StableDiffusion model, Tensor image) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor mean = model.vae().encode(model.device().place(image.unsqueeze(0))).mean();
      latents.add(Scope.own(mean.mul(new Scalar(model.vae().config().scalingFactor()))));
    }
  }

  /** The means of the encoder's posteriors, times the scaling factor, each [1, C, h, w]; they stay this object's. */
  public List<Tensor> all() {
    return Collections.unmodifiableList(latents);
  }

  @Override
  public void close() {
    latents.forEach(Tensor::releaseReference);
    latents.clear();
  }
}
