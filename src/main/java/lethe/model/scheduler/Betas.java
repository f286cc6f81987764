package lethe.model.scheduler;

import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Noise variances per training timestep and their cumulative product, by the LibTorch calls that diffusers makes. */
final class Betas {
  /** Near 0 without being 0, the smallest positive half float, so that the first sigma is finite. */
  private static final float LEAST_ALPHA_CUMPROD = 0x1p-24f;

  private static final double MAX_COSINE_BETA = 0.999;

  private Betas() {}

  static float[] alphasCumprod(SchedulerSettings settings) {
    try (Scope scope = new Scope()) {
      boolean zeroTerminalSnr = settings.flag("rescale_betas_zero_snr");
      Tensor betas = betas(settings);
      if (zeroTerminalSnr) {
        betas = rescaleToZeroTerminalSnr(betas);
      }
      float[] alphasCumprod = toArray(oneMinus(betas).cumprod(0));
      if (zeroTerminalSnr && settings.type() != SchedulerClass.DDIM) {
        alphasCumprod[alphasCumprod.length - 1] = LEAST_ALPHA_CUMPROD;
      }
      return alphasCumprod;
    }
  }

  private static Tensor betas(SchedulerSettings settings) {
    int timesteps = settings.integer("num_train_timesteps");
    if (timesteps < 1) {
      throw settings.wrong("num_train_timesteps", "at least 1");
    }
    double[] trained = settings.numbers("trained_betas");
    if (trained != null) {
      if (trained.length != timesteps) {
        throw settings.wrong("trained_betas", "as many numbers as num_train_timesteps (" + timesteps + ")");
      }
      return float32(trained);
    }
    double start = settings.number("beta_start");
    double end = settings.number("beta_end");
    return switch (settings.text("beta_schedule")) {
      case "linear" -> linspace(start, end, timesteps);
      case "scaled_linear" -> linspace(Math.sqrt(start), Math.sqrt(end), timesteps).square();
      case "squaredcos_cap_v2" -> float32(squaredCosine(timesteps));
      default -> throw settings.wrong("beta_schedule", "one of linear, scaled_linear, squaredcos_cap_v2");
    };
  }

  /** The cosine schedule of Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models", section 3.2. */
  private static double[] squaredCosine(int timesteps) {
    double[] betas = new double[timesteps];
    for (int i = 0; i < timesteps; i++) {
      double alphaBar = squaredCosineAlphaBar((double) i / timesteps);
      double next = squaredCosineAlphaBar((double) (i + 1) / timesteps);
      betas[i] = Math.min(1 - next / alphaBar, MAX_COSINE_BETA);
    }
    return betas;
  }

  private static double squaredCosineAlphaBar(double time) {
    double cosine = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  /** Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", algorithm 1. */
  private static Tensor rescaleToZeroTerminalSnr(Tensor betas) {
    long last = betas.numel() - 1;
    Tensor root = oneMinus(betas).cumprod(0).sqrt();
    Tensor first = root.narrow(0, 0, 1).clone();
    Tensor terminal = root.narrow(0, last, 1).clone();
    Tensor alphaBar = root.sub(terminal).mul(first.div(first.sub(terminal))).square();
    Tensor alphas = torch.ones_like(alphaBar);
    alphas.narrow(0, 0, 1).copy_(alphaBar.narrow(0, 0, 1));
    alphas.narrow(0, 1, last).copy_(alphaBar.narrow(0, 1, last).div(alphaBar.narrow(0, 0, last)));
    return oneMinus(alphas);
  }

  private static Tensor oneMinus(Tensor values) {
    return torch.ones_like(values).sub(values);
  }

  private static Tensor linspace(double start, double end, int count) {
    return torch.linspace(new Scalar(start), new Scalar(end), count, DType.F32.options());
  }

  private static Tensor float32(double[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return Tensor.create(rounded);
  }

  private static float[] toArray(Tensor values) {
    float[] array = new float[(int) values.numel()];
    values.contiguous().data_ptr_float().get(array);
    return array;
  }
}
