package lethe.demo;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.TokenAttackSettings;

/** The command lines that repeat the demo's parts one by one, and its settings in the commands' own words. */
final class DemoCommands {
  private final DemoSettings settings;
  private final Path out;

  /** @param out the demo's folder, which holds the prompts that the commands read */
  DemoCommands(DemoSettings settings, Path out) {
    this.settings = settings;
    this.out = out;
  }

  /** By what they repeat, in the order in which they have to run. */
  Map<String, String> all() {
    Map<String, String> commands = new LinkedHashMap<>();
    commands.put("Erase with Forget-Me-Not", forgetMeNot());
    commands.put("Erase with AdvUnlearn", advUnlearn());
    commands.put("Draw " + settings.concept() + " as the original model does", generate(settings.model()));
    commands.put("Draw it after Forget-Me-Not", generate(Path.of("erased-fmn")));
    commands.put("Draw it after AdvUnlearn", generate(Path.of("erased-adv")));
    commands.put("Attack Forget-Me-Not", attack("erased-fmn"));
    commands.put("Attack AdvUnlearn", attack("erased-adv"));
    return commands;
  }

  /** By part, then by the name of the option. */
  static Map<String, Map<String, Object>> settings(DemoSettings settings) {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    Map<String, Object> drawing = new LinkedHashMap<>();
    drawing.put("scheduler", DemoSettings.SCHEDULER);
    drawing.put("steps", settings.steps());
    drawing.put("guidance", DemoSettings.GUIDANCE);
    drawing.put("styles", settings.styles());
    drawing.put("pictures of each concept in each style", settings.count());
    drawing.put("seed", settings.seed());
    all.put("Pictures", drawing);
    Map<String, Object> forgetMeNot = new LinkedHashMap<>();
    forgetMeNot.put("prompt", DemoSettings.prompt(settings.concept()));
    forgetMeNot.put("only-optimize-ca", true);
    forgetMeNot.put("learning-rate", DemoSettings.FORGET_ME_NOT_RATE);
    forgetMeNot.put("max-train-steps", settings.maxTrainSteps());
    forgetMeNot.put("seed", settings.seed());
    all.put("Forget-Me-Not", forgetMeNot);
    Map<String, Object> advUnlearn = new LinkedHashMap<>();
    advUnlearn.put("concept", DemoSettings.prompt(settings.concept()));
    advUnlearn.put("train-method", settings.advUnlearn(1).trainMethod().name());
    advUnlearn.put("iterations", settings.iterations());
    advUnlearn.put("lr", DemoSettings.ADVUNLEARN_RATE);
    advUnlearn.put("retain-loss-w", DemoSettings.RETAIN_LOSS_W);
    advUnlearn.put("attack-step", DemoSettings.ATTACK_STEP);
    advUnlearn.put("attack-lr", DemoSettings.ATTACK_RATE);
    advUnlearn.put("adv-prompt-num", DemoSettings.ADV_PROMPT_NUM);
    advUnlearn.put("ddim-steps", DemoSettings.BANK_STEPS);
    advUnlearn.put("bank-trajectories", DemoSettings.BANK_TRAJECTORIES);
    advUnlearn.put("seed", settings.seed());
    all.put("AdvUnlearn", advUnlearn);
    TokenAttackSettings tokens = settings.attack();
    Map<String, Object> attack = new LinkedHashMap<>();
    attack.put("attack", "unlearndiffatk");
    attack.put("prompts", settings.attackedPictures().size());
    attack.put("k", tokens.k());
    attack.put("iteration", tokens.iteration());
    attack.put("n-samples", tokens.nSamples());
    attack.put("lr", tokens.learningRate());
    attack.put("seed", tokens.seed());
    all.put("Attack", attack);
    return all;
  }

  private String forgetMeNot() {
    return command(
        "erase forget-me-not",
        "--model " + quoted(settings.model()),
        "--concept " + quoted(settings.concept()),
        "--type object",
        "--images " + quoted(settings.images()),
        "--prompt " + quoted(settings.concept(DemoSettings.prompt(settings.concept())).promptTemplate()),
        "--only-optimize-ca",
        "--learning-rate " + plain(DemoSettings.FORGET_ME_NOT_RATE),
        "--max-train-steps " + settings.maxTrainSteps(),
        seed(),
        "--out erased-fmn");
  }

  private String advUnlearn() {
    return command(
        "erase advunlearn",
        "--model " + quoted(settings.model()),
        "--concept " + quoted(DemoSettings.prompt(settings.concept())),
        "--type object",
        "--retain " + quoted(out.resolve(DemoOutput.RETAIN)),
        "--retain-related",
        "--retain-loss-w " + plain(DemoSettings.RETAIN_LOSS_W),
        "--ddim-steps " + DemoSettings.BANK_STEPS,
        "--bank-trajectories " + DemoSettings.BANK_TRAJECTORIES,
        "--iterations " + settings.iterations(),
        "--lr " + plain(DemoSettings.ADVUNLEARN_RATE),
        "--warmup-iter 0",
        "--attack-step " + DemoSettings.ATTACK_STEP,
        "--attack-lr " + plain(DemoSettings.ATTACK_RATE),
        "--adv-prompt-num " + DemoSettings.ADV_PROMPT_NUM,
        seed(),
        "--out erased-adv");
  }

  private String generate(Path model) {
    List<String> words = new ArrayList<>();
    words.add("--model " + quoted(model));
    for (AttackPrompt prompt : settings.attackedPictures()) {
      words.add("--prompt " + quoted(prompt.text()));
    }
    words.add("--count " + settings.count());
    words.add("--steps " + settings.steps());
    words.add("--guidance " + plain(DemoSettings.GUIDANCE));
    words.add("--scheduler " + DemoSettings.SCHEDULER);
    words.add(seed());
    words.add("--grid");
    words.add("--out " + (model.equals(settings.model()) ? "original" : model.getFileName()) + ".png");
    return command("generate", words.toArray(String[]::new));
  }

  private String attack(String model) {
    TokenAttackSettings tokens = settings.attack();
    return command(
        "attack unlearndiffatk",
        "--model " + model,
        "--images " + quoted(settings.images()),
        "--concept " + quoted(settings.concept()),
        "--prompts " + quoted(out.resolve(DemoOutput.PROMPTS)),
        "--judge " + quoted(settings.judge()),
        "--iteration " + tokens.iteration(),
        "--n-samples " + tokens.nSamples(),
        "--scheduler " + DemoSettings.SCHEDULER,
        "--sampling-step-num " + settings.steps(),
        seed());
  }

  private String seed() {
    return "--seed " + settings.seed();
  }

  private static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String command(String name, String... options) {
    return "./lethe " + name + " " + String.join(" ", options);
  }

  /** As a shell reads it as one word. */
  private static String quoted(Object word) {
    String text = word.toString();
    return text.matches("[\\w./:=+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
