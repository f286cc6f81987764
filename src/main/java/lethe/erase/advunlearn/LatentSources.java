package lethe.erase.advunlearn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.erase.advunlearn.latents.BankSettings;
import lethe.erase.advunlearn.latents.FillListener;
import lethe.erase.advunlearn.latents.FillRecord;
import lethe.erase.advunlearn.latents.FreshLatents;
import lethe.erase.advunlearn.latents.LatentBank;
import lethe.erase.advunlearn.latents.LatentSettings;
import lethe.erase.advunlearn.latents.LatentSource;
import lethe.erase.advunlearn.latents.UNetPredictor;
import lethe.model.StableDiffusion;
import lethe.model.unet.UNet;

/** The latent sources of a run, one for each concept; the first has the retain prompts. Owns them. */
public final class LatentSources implements AutoCloseable {
  private final List<LatentSource> sources = new ArrayList<>();
  private final List<LatentBank> banks = new ArrayList<>();

  private LatentSources() {}

  /**
   * Sources that sample anew for every draw.
   *
   * @param original the UNet as it was before training; the model's own where it is not trained
   */
  public static LatentSources fresh(
      StableDiffusion model, UNet original, AdvUnlearnSettings settings, List<String> retainPrompts) {
    LatentSources all = new LatentSources();
    for (LatentSettings each : each(settings, retainPrompts)) {
      all.sources.add(
          new FreshLatents(model, new UNetPredictor(model.unet()), new UNetPredictor(original), each));
    }
    return all;
  }

  /**
   * Banks, to be filled before use. They hold what frozen networks give, so they serve runs that train only the text
   * encoder.
   *
   * @param folder where they are kept; null for memory only
   * @param trajectories of each concept
   * @param retainTrajectories of each retain prompt
   * @throws lethe.error.UserException if the folder holds banks of another checkpoint, concept or settings
   */
  public static LatentSources banks(
      StableDiffusion model,
      AdvUnlearnSettings settings,
      List<String> retainPrompts,
      Path folder,
      int trajectories,
      int retainTrajectories,
      FillListener listener) {
    LatentSources all = new LatentSources();
    List<LatentSettings> each = each(settings, retainPrompts);
    for (int i = 0; i < each.size(); i++) {
      String name = each.size() == 1 ? "erasing" : "erasing-" + (i + 1);
      BankSettings size =
          new BankSettings(
              folder == null ? null : folder.resolve(name),
              folder == null ? null : folder.resolve("retain"),
              trajectories,
              retainTrajectories,
              settings.seed());
      all.banks.add(new LatentBank(model, each.get(i), size, listener));
    }
    all.sources.addAll(all.banks);
    return all;
  }

  private static List<LatentSettings> each(AdvUnlearnSettings settings, List<String> retainPrompts) {
    List<LatentSettings> each = new ArrayList<>();
    for (String concept : settings.concepts()) {
      each.add(
          new LatentSettings(
              concept,
              each.isEmpty() ? retainPrompts : List.of(),
              settings.retainBatch(),
              settings.startGuidance(),
              settings.ddimSteps(),
              settings.imageSize(),
              settings.seed()));
    }
    return each;
  }

  /**
   * Fills the banks, if there are any.
   *
   * @return what it took, bank by bank; the last one is incomplete if the listener ended it
   */
  public List<FillRecord> fill() {
    List<FillRecord> records = new ArrayList<>();
    for (LatentBank bank : banks) {
      FillRecord record = bank.fill();
      records.add(record);
      if (!record.complete()) {
        break;
      }
    }
    return records;
  }

  public List<LatentSource> all() {
    return sources;
  }

  @Override
  public void close() {
    sources.forEach(LatentSource::close);
  }
}
