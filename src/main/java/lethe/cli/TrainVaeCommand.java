package lethe.cli;

import lethe.checkpoint.Checkpoint;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.kernel.Provider;
import lethe.report.RestoredSheet;
import lethe.tensor.Threads;
import lethe.train.OptimizerSettings;
import lethe.train.TrainingImages;
import lethe.train.vae.VaeTraining;

/** {@code lethe train vae}: the autoencoder between images and latents. */
final class TrainVaeCommand implements Command {
  private static final String NAME = "train vae";

  @Override
  public Syntax syntax() {
    return TrainFlags.syntax()
        .example("lethe train vae --data emoji --like models/emoji-canvas --max-train-steps 3000 --out vae");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Provider provider = TrainFlags.provider(arguments);
    TrainingRun run = new TrainingRun(NAME, arguments, terminal);
    EmojiDataset dataset = EmojiDataset.read(arguments.get(TrainFlags.DATA));
    OptimizerSettings settings = TrainFlags.settings(arguments);
    Threads.set(arguments.find(ModelFlags.THREADS).orElse(1));
    try (TrainingImages images = new TrainingImages(dataset, dataset.entries(Split.TRAIN));
        VaeTraining training =
            new VaeTraining(
                Checkpoint.open(arguments.get(TrainFlags.LIKE)),
                images,
                settings,
                TrainFlags.identity(arguments, settings),
                provider)) {
      return run.run(training, provider, file -> RestoredSheet.write(training, images.size(), file));
    }
  }
}
