package lethe.model.scheduler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The diffusers classes that can be run, each with the settings it has and their defaults. */
enum SchedulerClass {
  PNDM(
      "pndm",
      "PNDMScheduler",
      Map.of("skip_prk_steps", false, "set_alpha_to_one", false, "timestep_spacing", "leading")),
  DDIM(
      "ddim",
      "DDIMScheduler",
      Map.of(
          // diffusers' own default, true, is for pixels; its Stable Diffusion pipeline turns it off for latents.
          "clip_sample", false,
          "clip_sample_range", 1.0,
          "set_alpha_to_one", true,
          "timestep_spacing", "leading",
          "rescale_betas_zero_snr", false)),
  EULER(
      "euler",
      "EulerDiscreteScheduler",
      Map.of(
          "interpolation_type", "linear",
          "use_karras_sigmas", false,
          "use_exponential_sigmas", false,
          "use_beta_sigmas", false,
          "timestep_spacing", "linspace",
          "timestep_type", "discrete",
          "rescale_betas_zero_snr", false,
          "final_sigmas_type", "zero")),
  DPM_SOLVER_MULTISTEP(
      "dpm++2m",
      "DPMSolverMultistepScheduler",
      Map.ofEntries(
          Map.entry("solver_order", 2),
          Map.entry("algorithm_type", "dpmsolver++"),
          Map.entry("solver_type", "midpoint"),
          Map.entry("lower_order_final", true),
          Map.entry("euler_at_final", false),
          Map.entry("use_karras_sigmas", false),
          Map.entry("use_exponential_sigmas", false),
          Map.entry("use_beta_sigmas", false),
          Map.entry("use_lu_lambdas", false),
          Map.entry("use_flow_sigmas", false),
          Map.entry("final_sigmas_type", "zero"),
          Map.entry("lambda_min_clipped", Double.NEGATIVE_INFINITY),
          Map.entry("timestep_spacing", "linspace"),
          Map.entry("rescale_betas_zero_snr", false))),
  LMS(
      "lms",
      "LMSDiscreteScheduler",
      Map.of(
          "use_karras_sigmas", false,
          "use_exponential_sigmas", false,
          "use_beta_sigmas", false,
          "timestep_spacing", "linspace"));

  private static final Map<String, Object> SHARED_DEFAULTS =
      Map.of(
          "num_train_timesteps", 1000,
          "beta_start", 0.0001,
          "beta_end", 0.02,
          "beta_schedule", "linear",
          "prediction_type", "epsilon",
          "steps_offset", 0);

  private final String shortName;
  private final String className;
  private final Map<String, Object> ownDefaults;

  SchedulerClass(String shortName, String className, Map<String, Object> ownDefaults) {
    this.shortName = shortName;
    this.className = className;
    this.ownDefaults = ownDefaults;
  }

  static Optional<SchedulerClass> ofShortName(String name) {
    return Arrays.stream(values()).filter(type -> type.shortName.equals(name)).findFirst();
  }

  static Optional<SchedulerClass> ofClassName(String name) {
    return Arrays.stream(values()).filter(type -> type.className.equals(name)).findFirst();
  }

  String shortName() {
    return shortName;
  }

  String className() {
    return className;
  }

  /** Settings and what the class takes where the config is silent; a setting without a default is absent. */
  Map<String, Object> defaults() {
    Map<String, Object> defaults = new HashMap<>(SHARED_DEFAULTS);
    defaults.putAll(ownDefaults);
    return defaults;
  }
}
