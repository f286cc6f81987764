package lethe.report.cost;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import lethe.checkpoint.Component;
import lethe.erase.advunlearn.latents.DdimGrid;
import lethe.model.clip.ClipTextConfig;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.SchedulerConfig;
import lethe.model.unet.UNetConfig;
import lethe.model.vae.VaeConfig;
import lethe.profile.Work;

/** What the networks of a model cost, in float32. */
public final class ModelCost {
  /** Of every prompt. */
  static final int TOKENS = 77;

  private final UNetCost unet;
  private final TextEncoderCost text;
  private final VaeCost vae;
  private final int nativeResolution;
  private final int downsamplingFactor;
  private final NoiseSchedule schedule;

  /** @param configs of a checkpoint, or of one of the {@link lethe.checkpoint.ModelShape}s */
  public ModelCost(Function<Component, ObjectNode> configs) {
    UNetConfig unetConfig = UNetConfig.of(configs.apply(Component.UNET));
    VaeConfig vaeConfig = VaeConfig.of(configs.apply(Component.VAE));
    unet = new UNetCost(unetConfig);
    text = new TextEncoderCost(ClipTextConfig.of(configs.apply(Component.TEXT_ENCODER)));
    vae = new VaeCost(vaeConfig);
    schedule = NoiseSchedule.of(SchedulerConfig.of(configs.apply(Component.SCHEDULER)));
    downsamplingFactor = vaeConfig.downsamplingFactor();
    nativeResolution = unetConfig.sampleSize() * downsamplingFactor;
  }

  UNetCost unet() {
    return unet;
  }

  TextEncoderCost text() {
    return text;
  }

  VaeCost vae() {
    return vae;
  }

  /** Side of the images that the model was trained on, in pixels. */
  public int nativeResolution() {
    return nativeResolution;
  }

  /** AdvUnlearn's sampler of so many steps. */
  DdimGrid grid(int ddimSteps) {
    return new DdimGrid(schedule, ddimSteps);
  }

  /** A pass through the UNet over latents of square images of a side of {@code resolution} pixels. */
  Cost unetPass(long batch, long resolution, Gradients gradients, boolean endsAtScores) {
    long side = resolution / downsamplingFactor;
    return unet.pass(batch, side, side, TOKENS, gradients, endsAtScores);
  }

  /** A prediction under guidance for {@code batch} such latents. */
  Work guided(long batch, long resolution) {
    long side = resolution / downsamplingFactor;
    return unet.guided(batch, side, side, TOKENS);
  }
}
