package lethe.cli;

import java.util.List;
import java.util.function.Supplier;

/** The subcommands there are. Nothing of a command is loaded before it is asked for. */
record Commands(List<Entry> entries) {
  /**
   * @param name one word, or two where commands form a family: {@code erase forget-me-not}
   * @param summary one line for the overview
   */
  record Entry(String name, String summary, Supplier<Command> factory) {
    int words() {
      return name.split(" ").length;
    }
  }

  static final Commands ALL = new Commands(List.of(
      new Entry("demo", "try everything on the bundled model, and show it on a page", DemoCommand::new),
      new Entry("erase forget-me-not", "make a checkpoint forget concepts", EraseForgetMeNotCommand::new),
      new Entry("erase advunlearn", "make it forget against attacks on the prompt, too", EraseAdvUnlearnCommand::new),
      new Entry(
          "attack unlearndiffatk",
          "find prompts that bring an erased concept back",
          () -> new AttackCommand(AttackKind.UNLEARNDIFFATK)),
      new Entry(
          "attack p4d", "the same by projected embeddings", () -> new AttackCommand(AttackKind.P4D)),
      new Entry("attack random", "the same by random tokens", () -> new AttackCommand(AttackKind.RANDOM)),
      new Entry(
          "attack cce", "bring an erased concept back by a learnt token", () -> new AttackCommand(AttackKind.CCE)),
      new Entry("train vae", "train the autoencoder between images and latents", TrainVaeCommand::new),
      new Entry("train diffusion", "train a UNet and its text encoder", TrainDiffusionCommand::new),
      new Entry("train classifier", "train the judge of what pictures show", TrainClassifierCommand::new),
      new Entry("evaluate", "measure how well a model draws what it is asked for", EvaluateCommand::new),
      new Entry("generate", "draw images from prompts", GenerateCommand::new),
      new Entry("dataset emoji", "draw the training set of the bundled model from icon packages",
          DatasetEmojiCommand::new),
      new Entry("model random", "write a checkpoint of a published model's sizes, with random weights",
          ModelRandomCommand::new),
      new Entry("bench", "run the benchmarks", BenchCommand::new),
      new Entry("bench compare", "decide from two benchmark runs what has become slower", BenchCompareCommand::new),
      new Entry("bench compare-pytorch", "run the same work by PyTorch beside it", BenchComparePytorchCommand::new),
      new Entry("inspect", "show what a checkpoint holds, and what it lacks", InspectCommand::new),
      new Entry("profile", "run another command and show where its time goes", ProfileCommand::new),
      new Entry("doctor", "show what this machine offers, and what is missing", DoctorCommand::new)));

  /** The command whose name {@code words} begin with, the longest if several do; or null. */
  Entry find(List<String> words) {
    Entry found = null;
    for (Entry entry : entries) {
      int count = entry.words();
      boolean fits = words.size() >= count && entry.name().equals(String.join(" ", words.subList(0, count)));
      if (fits && (found == null || count > found.words())) {
        found = entry;
      }
    }
    return found;
  }

  /** The second words of the commands whose first of two words is {@code word}: {@code erase} has forget-me-not. */
  List<String> family(String word) {
    String prefix = word + " ";
    return names().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .toList();
  }

  /** {@code "; did you mean NAME?"} for words that begin with no command's name, or nothing. */
  String hint(List<String> words) {
    String two = String.join(" ", words.subList(0, Math.min(2, words.size())));
    String hint = Nearest.hint(two, names());
    if (!hint.isEmpty()) {
      return hint;
    }
    return Nearest.hint(words.get(0), names().stream().map(name -> name.split(" ")[0]).toList());
  }

  private List<String> names() {
    return entries.stream().map(Entry::name).toList();
  }
}
