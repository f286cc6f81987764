package lethe.erase.advunlearn.latents;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import lethe.error.UserException;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;

/**
 * All that a bank's trajectories depend on but their prompts: what makes one bank usable in another run.
 *
 * <p>Networks count by the hash of their weights in memory, so it does not matter which file they came from.
 *
 * @param fields in the order in which they are compared
 */
record BankIdentity(Map<String, String> fields) {
  private static final String VERSION = "1";
  private static final Set<String> OF_CHECKPOINT = Set.of("unet_sha256", "text_encoder_sha256", "schedule_sha256");
  private static final int SHOWN = 60;

  /** @param concept null for a bank of retain prompts, which serves any */
  static BankIdentity of(StableDiffusion model, LatentSettings settings, long seed, String concept) {
    NoiseSchedule schedule = NoiseSchedule.of(model.schedulerConfig());
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("latent_bank", VERSION);
    fields.put("dtype", model.unet().dtype().shortName());
    fields.put("unet_sha256", Digests.sha256(model.unet().parameters()));
    fields.put("text_encoder_sha256", Digests.sha256(model.textEncoder().parameters()));
    fields.put("schedule_sha256", Digests.sha256(schedule));
    if (concept != null) {
      fields.put("concept", concept);
    }
    fields.put("start_guidance", String.valueOf(settings.startGuidance()));
    fields.put("ddim_steps", String.valueOf(settings.ddimSteps()));
    fields.put("image_size", String.valueOf(settings.imageSize()));
    fields.put("seed", String.valueOf(seed));
    return new BankIdentity(fields);
  }

  /** @throws UserException if {@code found}, which lies in {@code folder}, is another bank's */
  void requireSame(Path folder, Map<String, String> found) {
    fields.forEach(
        (field, value) -> {
          String other = found.get(field);
          if (!value.equals(other)) {
            throw UserException.failed(
                "%s: this latent bank is %s: its %s is %s, this run's is %s; give --bank another folder, or remove it"
                    .formatted(folder, what(field), field, shown(other), shown(value)));
          }
        });
  }

  private static String what(String field) {
    if (OF_CHECKPOINT.contains(field)) {
      return "of another checkpoint";
    }
    return field.equals("concept") ? "of another concept" : "drawn with other settings";
  }

  private static String shown(String value) {
    if (value == null) {
      return "missing";
    }
    String line = value.replaceAll("\\p{Cntrl}", "?");
    return "'" + (line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...") + "'";
  }

  String sha256() {
    return Digests.sha256(fields.toString());
  }
}
