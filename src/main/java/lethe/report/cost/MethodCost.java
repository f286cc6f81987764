package lethe.report.cost;

import java.util.List;
import lethe.checkpoint.Component;
import lethe.checkpoint.ModelShape;
import lethe.model.clip.ClipTextConfig;
import lethe.model.unet.UNetConfig;
import lethe.model.vae.VaeConfig;
import lethe.profile.Work;

/** The phases of the methods at a model's own resolution, as published, in float32. */
public final class MethodCost {
  /** As users write them. */
  public static final List<String> METHODS = List.of("forget-me-not", "advunlearn");

  /** Mean number of guided sampler steps before a latent is drawn: t_enc is uniform in 0..49. */
  private static final double SAMPLER_STEPS = 24.5;

  private static final int ATTACK_STEPS = 30;
  private static final int RETAIN_BATCH = 5;
  private static final int TOKENS = 77;

  /**
   * One phase.
   *
   * @param times how often it comes in one step of the method; a mean, where chance decides
   * @param work of one time
   */
  public record Phase(String name, double times, Work work) {
    public double flops() {
      return times * work.flops();
    }

    public double bytes() {
      return times * work.bytes();
    }
  }

  private final UNetCost unet;
  private final TextEncoderCost text;
  private final VaeCost vae;
  private final long latentSide;
  private final long imageSide;

  private MethodCost(ModelShape model) {
    UNetConfig unetConfig = UNetConfig.of(model.config(Component.UNET));
    VaeConfig vaeConfig = VaeConfig.of(model.config(Component.VAE));
    unet = new UNetCost(unetConfig);
    text = new TextEncoderCost(ClipTextConfig.of(model.config(Component.TEXT_ENCODER)));
    vae = new VaeCost(vaeConfig);
    latentSide = unetConfig.sampleSize();
    imageSide = latentSide * vaeConfig.downsamplingFactor();
  }

  /** The phases of one step: of training for Forget-Me-Not, an iteration of the outer loop for AdvUnlearn. */
  public static List<Phase> of(String method, ModelShape model) {
    MethodCost cost = new MethodCost(model);
    return switch (method) {
      case "forget-me-not" -> cost.forgetMeNot();
      case "advunlearn" -> cost.advUnlearn();
      default -> throw new IllegalArgumentException("no method is called " + method);
    };
  }

  private List<Phase> forgetMeNot() {
    Cost pass = unet.pass(1, latentSide, latentSide, TOKENS, Gradients.WEIGHTS, true);
    return List.of(
        new Phase("encode an image", 1, vae.encode(1, imageSide, imageSide)),
        new Phase("UNet to the last scores", 1, pass.forward()),
        new Phase("backward to all weights", 1, pass.backward()),
        new Phase("AdamW over the UNet", 1, Work.adamW(unet.parameters(Gradients.WEIGHTS))));
  }

  /** The text encoder is trained. Gradients that the published code computes and throws away are left out. */
  private List<Phase> advUnlearn() {
    Cost attackText = text.pass(1, TOKENS, Gradients.INPUT);
    Cost attackUnet = unet(1, Gradients.INPUT);
    Cost trainedText = text.pass(1 + RETAIN_BATCH, TOKENS, Gradients.WEIGHTS);
    Cost trainedUnet = unet(1 + RETAIN_BATCH, Gradients.INPUT);
    return List.of(
        new Phase("attack: sample z_t", ATTACK_STEPS * SAMPLER_STEPS, unet(2, Gradients.NONE).forward()),
        new Phase("attack: frozen predictions", ATTACK_STEPS, unet(2, Gradients.NONE).forward()),
        new Phase("attack: forward", ATTACK_STEPS, attackText.forward().plus(attackUnet.forward())),
        new Phase("attack: backward to the words", ATTACK_STEPS, attackText.backward().plus(attackUnet.backward())),
        new Phase("outer: sample z_t", SAMPLER_STEPS, unet(2, Gradients.NONE).forward()),
        new Phase("outer: sample retain latents", SAMPLER_STEPS, unet(2 * RETAIN_BATCH, Gradients.NONE).forward()),
        new Phase("outer: frozen predictions", 1, unet(2 + RETAIN_BATCH, Gradients.NONE).forward()),
        new Phase("outer: forward", 1, trainedText.forward().plus(trainedUnet.forward())),
        new Phase("outer: backward to the text encoder", 1, trainedText.backward().plus(trainedUnet.backward())),
        new Phase("Adam over the text encoder", 1, Work.adamW(text.trainedParameters())));
  }

  private Cost unet(long batch, Gradients gradients) {
    return unet.pass(batch, latentSide, latentSide, TOKENS, gradients, false);
  }
}
