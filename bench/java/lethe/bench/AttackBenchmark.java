package lethe.bench;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import lethe.attack.AttackSample;
import lethe.attack.AttackSettings;
import lethe.attack.AttackedPrompt;
import lethe.attack.EmbeddingAttack;
import lethe.kernel.Provider;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step of AdvUnlearn's attack on a prompt's word embeddings: text encoder and UNet, forward and backward to one
 * adversarial row, and Adam on it. The latents and the prediction it aims at are given.
 *
 * <pre>./lethe bench --filter Attack</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AttackBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  private Scope scope;
  private BenchedModel benched;
  private AttackedPrompt prompt;
  private EmbeddingAttack attack;
  private AttackSample sample;
  private Tensor start;

  @Setup
  public void setUp() {
    scope = new Scope();
    benched = BenchedModel.load(model);
    AttackSettings settings = oneStep(AttackSettings.DEFAULTS);
    prompt = new AttackedPrompt(benched.model(), BenchedModel.PROMPT, settings);
    attack = new EmbeddingAttack(benched.model().unet(), settings, Provider.choose());
    sample = new AttackSample(benched.latents(), benched.timestep(), benched.latents());
    start = prompt.randomStart(new SplittableRandom(1));
  }

  @TearDown
  public void tearDown() {
    prompt.close();
    benched.close();
    scope.close();
  }

  @Benchmark
  public List<Double> step() {
    try (Scope step = new Scope()) {
      return attack.run(prompt, start, i -> sample, () -> false).losses();
    }
  }

  private static AttackSettings oneStep(AttackSettings d) {
    return new AttackSettings(
        d.attackMethod(), 1, d.attackLr(), d.attackType(), d.attackEmbdType(), d.advPromptNum(), d.pgdNorm(),
        d.pgdRadius(), d.strict());
  }
}
