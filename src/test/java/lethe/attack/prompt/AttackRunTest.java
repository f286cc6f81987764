package lethe.attack.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import lethe.GoldenPipeline;
import lethe.attack.judge.ConceptJudge;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.SafeTensors;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of every attack on a tiny model of random weights, with a judge that sees what the test wants. */
class AttackRunTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final List<AttackPrompt> PROMPTS =
      List.of(new AttackPrompt("a photo of a church", 0, 7.5), new AttackPrompt("a church at night", 1, 7.5));
  private static final TokenAttackSettings SETTINGS =
      new TokenAttackSettings(2, InsertionLocation.PREFIX_K, 3, 4, 0.01, 0.1, false, Criterion.L2, 5);

  private StableDiffusion model;
  private Drawing drawing;
  private ConceptLatents latents;

  @TempDir Path folder;

  @BeforeEach
  void setUp() {
    model = StableDiffusion.load(Checkpoint.open(MODEL));
    drawing = new Drawing("ddim", 2, "", model.nativeResolution(), model.nativeResolution());
    latents = ConceptLatents.drawnBy(model, PROMPTS, drawing, () -> true);
  }

  @AfterEach
  void tearDown() {
    latents.close();
    model.close();
  }

  /** Sees the concept in the images with these numbers, in the order in which they are drawn. */
  private record ScriptedJudge(List<Integer> hits, int[] seen) implements ConceptJudge {
    ScriptedJudge(Integer... hits) {
      this(List.of(hits), new int[1]);
    }

    @Override
    public Set<String> concepts() {
      return Set.of("church", "castle");
    }

    @Override
    public Verdict judge(Tensor image) {
      return new Verdict(hits.contains(++seen[0]) ? "church" : "castle", 0.5);
    }
  }

  /** Counts, and stops after a number of steps. */
  private static final class Counter implements AttackRun.Listener {
    final List<Double> losses = new ArrayList<>();
    int images;
    int stopAt = Integer.MAX_VALUE;

    @Override
    public boolean goOn() {
      return losses.size() < stopAt;
    }

    @Override
    public void afterStep(int prompt, int round, int step, double loss) {
      losses.add(loss);
    }

    @Override
    public void afterImage(int prompt, int round) {
      images++;
    }

    @Override
    public void afterPrompt(int prompt, PromptOutcome outcome) {}
  }

  private List<PromptOutcome> run(PromptAttack attack, ConceptJudge judge, AttackRun.Listener listener) {
    try (Scope scope = new Scope()) {
      return new AttackRun(model, "church", judge, drawing, (prompt, attacked, image) -> {})
          .attack(attack, PROMPTS, listener);
    }
  }

  private TokenAttack unlearnDiffAtk(Provider provider) {
    return TokenAttack.unlearnDiffAtk(model, SETTINGS, PromptEncoder.TEXT, latents.all(), provider);
  }

  @Test
  void endsAtTheFirstSuccess() {
    Counter counter = new Counter();
    // Image 1 is the first prompt as it is, 2 and 3 are its candidates; 4 is the second prompt as it is.
    List<PromptOutcome> outcomes = run(unlearnDiffAtk(Provider.COMPOSED), new ScriptedJudge(3, 4), counter);
    assertEquals(2, outcomes.size());
    PromptOutcome first = outcomes.get(0);
    assertFalse(first.succeededBefore());
    assertEquals(2, first.attempts().size());
    PromptOutcome.Attempt found = first.found().orElseThrow();
    assertEquals(375, found.timestep(), "the second of 125, 375, 625, 875");
    assertEquals(2, found.tokens().length);
    assertTrue(found.text().endsWith("a photo of a church"), found.text());
    assertTrue(outcomes.get(1).succeededBefore());
    assertEquals(6, counter.losses.size());
    assertEquals(2, counter.images);
    assertEquals(new SuccessRate(1, 2), PromptOutcome.before(outcomes));
    assertEquals(new SuccessRate(2, 2), PromptOutcome.after(outcomes));
  }

  @Test
  void givesUpAfterTheLastTimestep() {
    Counter counter = new Counter();
    List<PromptOutcome> outcomes = run(unlearnDiffAtk(Provider.COMPOSED), new ScriptedJudge(), counter);
    assertEquals(new SuccessRate(0, 2), PromptOutcome.after(outcomes));
    assertEquals(
        List.of(125, 375, 625, 875), outcomes.get(0).attempts().stream().map(a -> a.timestep()).toList());
    assertEquals(2 * 4 * 3, counter.losses.size());
  }

  @Test
  void theSameSeedFindsTheSame() {
    for (Provider provider : Provider.values()) {
      Counter one = new Counter();
      Counter again = new Counter();
      List<PromptOutcome> outcomes = run(unlearnDiffAtk(provider), new ScriptedJudge(), one);
      List<PromptOutcome> repeated = run(unlearnDiffAtk(provider), new ScriptedJudge(), again);
      assertEquals(one.losses, again.losses);
      for (int i = 0; i < outcomes.size(); i++) {
        assertArrayEquals(tokens(outcomes.get(i)), tokens(repeated.get(i)));
      }
    }
    TokenAttackSettings other = new TokenAttackSettings(
        2, InsertionLocation.PREFIX_K, 3, 4, 0.01, 0.1, false, Criterion.L2, 6);
    Counter counter = new Counter();
    Counter reseeded = new Counter();
    run(unlearnDiffAtk(Provider.COMPOSED), new ScriptedJudge(), counter);
    run(
        TokenAttack.unlearnDiffAtk(model, other, PromptEncoder.TEXT, latents.all(), Provider.COMPOSED),
        new ScriptedJudge(),
        reseeded);
    assertNotEquals(counter.losses, reseeded.losses);
  }

  private static int[][] tokens(PromptOutcome outcome) {
    return outcome.attempts().stream().map(PromptOutcome.Attempt::tokens).toArray(int[][]::new);
  }

  @Test
  void anEndedRunKeepsThePromptsThatAreDone() {
    Counter counter = new Counter();
    counter.stopAt = 14;
    List<PromptOutcome> outcomes = run(unlearnDiffAtk(Provider.COMPOSED), new ScriptedJudge(), counter);
    assertEquals(1, outcomes.size());
    assertEquals(14, counter.losses.size());
  }

  @Test
  void p4dStartsFromRandomTokensAndComparesWithTheOriginal() {
    Counter counter = new Counter();
    TokenAttack attack =
        TokenAttack.p4d(model, model, SETTINGS, PromptEncoder.IDS, latents.all(), Provider.COMPOSED);
    List<PromptOutcome> outcomes = run(attack, new ScriptedJudge(), counter);
    assertEquals(4, outcomes.get(0).attempts().size());
    assertTrue(counter.losses.stream().allMatch(loss -> loss > 0 && loss < 1), counter.losses.toString());
  }

  @Test
  void randomTokensDifferFromDrawToDraw() {
    PromptAttack attack = new RandomTokens(model, SETTINGS, PromptEncoder.TEXT);
    List<PromptOutcome> outcomes = run(attack, new ScriptedJudge(3), new Counter());
    assertEquals(2, outcomes.get(0).attempts().size());
    assertEquals(3, outcomes.get(1).attempts().size());
    int[][] tokens = tokens(outcomes.get(1));
    assertFalse(Arrays.equals(tokens[0], tokens[1]));
    assertArrayEquals(tokens(outcomes.get(0))[0], tokens[0], "every prompt starts from the seed");
  }

  @Test
  void conceptInversionLearnsAndSaves() {
    ConceptInversionSettings settings =
        new ConceptInversionSettings(
            2, 6, 5e-3, 0.1, 0.7, "dog", List.of("a photo of a {concept}"), Criterion.L2, 0);
    Path file = folder.resolve("learned_embeds.safetensors");
    try (Scope scope = new Scope();
        ConceptInversion attack = new ConceptInversion(model, "church", settings, latents.all(), Provider.COMPOSED)) {
      Tensor start = attack.embeddings().clone();
      List<Double> losses = new ArrayList<>();
      attack.prepare(losses::add);
      assertEquals(6, losses.size());
      Tensor learnt = attack.embeddings();
      assertTrue(learnt.sub(start).abs().max().item_double() > 1e-3);
      Tensor norms = learnt.norm(new ScalarOptional(new Scalar(2)), 1);
      assertTrue(norms.sub(new Scalar(0.7)).abs().max().item_double() < 0.1, "pulled towards 0.7");
      List<PromptOutcome> outcomes = run(attack, new ScriptedJudge(2), new Counter());
      assertEquals("a photo of a <church>", outcomes.get(0).found().orElseThrow().text());
      attack.save(file);
      try (SafeTensors saved = SafeTensors.open(file)) {
        GoldenPipeline.assertClose(learnt, saved.tensor("<church>"), 0, 0, "saved");
      }
    }
  }

  @Test
  void aPromptThatIsTooLongIsRefusedBeforeAnythingIsDrawn() {
    String longest = "dog ".repeat(74).strip();
    ScriptedJudge judge = new ScriptedJudge();
    AttackRun run = new AttackRun(model, "church", judge, drawing, (prompt, attacked, image) -> {});
    List<AttackPrompt> prompts = List.of(PROMPTS.get(0), new AttackPrompt(longest, 0, 7.5));
    assertThrows(
        UserException.class, () -> run.attack(unlearnDiffAtk(Provider.COMPOSED), prompts, new Counter()));
    assertEquals(0, judge.seen()[0]);
  }

  @Test
  void aBudgetSpreadsOverTheNoiseLevels() {
    TokenAttackSettings published = TokenAttackSettings.DEFAULTS;
    int[] all = published.timesteps(1000);
    assertEquals(50, all.length);
    assertArrayEquals(new int[] {10, 30, 50}, Arrays.copyOf(all, 3));
    assertEquals(990, all[49]);
    assertArrayEquals(new int[] {166, 499, 832}, published.within(120).timesteps(1000));
    assertEquals(25, published.within(25).iteration());
    assertArrayEquals(new int[] {500}, published.within(25).timesteps(1000));
    assertEquals(published, published.within(1_000_000));
  }
}
