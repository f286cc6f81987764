package lethe.attack.prompt;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Concept inversion (CCE, arXiv 2308.01508): textual inversion (arXiv 2208.01618) on the model that has forgotten.
 *
 * <p>Learns the word embeddings of new tokens from images of the concept, once, and puts them in the place of its name
 * in every prompt. No text gives them: who attacks this way owns the model.
 */
public final class ConceptInversion implements PromptAttack {
  private final StableDiffusion model;
  private final String concept;
  private final ConceptInversionSettings settings;
  private final List<Tensor> latents;
  private final DenoisingLoss loss;
  private final List<PromptTemplate> templates;
  private final Generator generator;
  private final Tensor embeddings; // [k, D]
  private final double norm;
  private double meanLoss = Double.NaN;

  /**
   * @param model the one that has been made to forget
   * @param concept its name in prompts
   * @param latents of images of the concept; stay the caller's
   */
  public ConceptInversion(
      StableDiffusion model,
      String concept,
      ConceptInversionSettings settings,
      List<Tensor> latents,
      Provider provider) {
    this.model = model;
    this.concept = concept;
    this.settings = settings;
    this.latents = latents;
    loss = new DenoisingLoss(model, settings.criterion(), provider);
    templates = settings.templates().stream().map(this::template).toList();
    generator = Scope.own(torch.make_generator_cpu(settings.seed()));
    try (Scope scope = new Scope()) {
      Tensor vocabulary = Vocabulary.embeddings(model);
      norm = Double.isNaN(settings.norm()) ? norms(vocabulary).mean().item_double() : settings.norm();
      embeddings = Scope.own(start(vocabulary).clone());
    }
  }

  private PromptTemplate template(String text) {
    // Each template names the concept itself, which the new tokens then replace.
    String prompt = text.replace(ConceptInversionSettings.PLACEHOLDER, concept);
    return PromptTemplate.replacing(model.tokenizer(), prompt, concept, settings.k());
  }

  private Tensor start(Tensor vocabulary) {
    int[] words = model.tokenizer().encode(settings.initializer());
    if (words.length == 0) {
      Tensor random = normal(settings.k(), vocabulary.size(1));
      return Vocabulary.normalized(random).mul(new Scalar(norm));
    }
    long[] ids = new long[settings.k()];
    Arrays.setAll(ids, i -> words[Math.min(i, words.length - 1)]);
    return model.textEncoder().embed(Tensor.create(ids, ids.length));
  }

  @Override
  public int preparationSteps() {
    return settings.steps();
  }

  @Override
  public void prepare(StepListener listener) {
    double sum = 0;
    boolean goOn = true;
    try (VariableOptimizer optimizer =
        VariableOptimizer.adamW(embeddings, settings.learningRate(), settings.weightDecay())) {
      for (int step = 1; goOn && step <= settings.steps(); step++) {
        double value = step(step, optimizer);
        sum += value;
        meanLoss = sum / step;
        goOn = listener.afterStep(value);
      }
    } finally {
      embeddings.set_requires_grad(false);
    }
  }

  private double step(int step, VariableOptimizer optimizer) {
    try (Scope scope = new Scope();
        StepEvent event = StepEvent.of(StepEvent.ATTACK, step)) {
      Tensor clean = latents.get(draw(latents.size()));
      PromptTemplate template = templates.get(draw(templates.size()));
      int timestep = draw(loss.schedule().trainTimesteps());
      Tensor noise = normal(clean.shape());
      DenoisingLoss.Gradient gradient =
          loss.of(template, embeddings, clean, noise, timestep, DenoisingTarget.truth(loss.schedule()));
      try (PhaseEvent phase = PhaseEvent.of("optimizer")) {
        optimizer.step(gradient.embeddings());
        pullNorms();
      }
      return gradient.loss();
    }
  }

  /** Standard normal, on every device the same. */
  private Tensor normal(long... shape) {
    return model.device().place(torch.randn(shape, new GeneratorOptional(generator)));
  }

  private int draw(int bound) {
    return (int) torch.randint(bound, new long[] {1}, new GeneratorOptional(generator)).item_long();
  }

  /** norm += pull (target - norm), the direction unchanged. */
  private void pullNorms() {
    Tensor values = embeddings.detach();
    Tensor norms = norms(values);
    Tensor pulled = norms.mul(new Scalar(1 - settings.pull())).add(new Scalar(settings.pull() * norm));
    values.mul_(pulled.div(norms.clamp_min(new Scalar(1e-12))));
  }

  /** [rows, 1]. */
  private static Tensor norms(Tensor rows) {
    return rows.norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true);
  }

  /** How results write the new tokens: {@code <dog-face>}. */
  private String placeholder() {
    return "<" + concept.replace(' ', '-') + ">";
  }

  /**
   * Writes what was learnt as diffusers' textual inversion loads it: one tensor [k, D] under the placeholder's name.
   *
   * @throws lethe.error.UserException if the file exists or cannot be written
   */
  public void save(Path file) {
    SafeTensorsWriter.write(file, Map.of(placeholder(), embeddings));
  }

  /** What was learnt, [k, D]; stays this object's. */
  Tensor embeddings() {
    return embeddings;
  }

  @Override
  public int rounds() {
    return 1;
  }

  @Override
  public int stepsPerRound() {
    return 0;
  }

  @Override
  public void requireRoom(AttackPrompt prompt) {
    template(prompt);
  }

  private PromptTemplate template(AttackPrompt prompt) {
    return PromptTemplate.replacing(model.tokenizer(), prompt.text(), concept, settings.k());
  }

  @Override
  public Search search(int index, AttackPrompt prompt) {
    PromptTemplate template = template(prompt);
    return listener -> {
      try (NoGradGuard noGrad = new NoGradGuard()) {
        Tensor context = loss.context(template, embeddings);
        String text = template.text(placeholder());
        return Optional.of(new Candidate(text, new int[0], Candidate.NO_TIMESTEP, meanLoss, context));
      }
    };
  }

  @Override
  public void close() {
    embeddings.releaseReference();
    generator.releaseReference();
  }
}
