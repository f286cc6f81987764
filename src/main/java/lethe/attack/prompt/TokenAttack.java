package lethe.attack.prompt;

import java.util.List;
import java.util.Optional;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The attacks that optimise tokens timestep by timestep, proposing a prompt after each.
 *
 * <p>A step draws noise for the prompt's image of the concept, and follows the gradient of the attacked model's
 * prediction with respect to the tokens' word embeddings.
 */
public final class TokenAttack implements PromptAttack {
  private final StableDiffusion model;
  private final TokenAttackSettings settings;
  private final PromptEncoder encoder;
  private final List<Tensor> latents;
  private final DenoisingLoss loss;
  private final int[] timesteps;
  private final Method method;

  /** What sets one attack apart from another. */
  private interface Method {
    TokenVariable variable(Generator generator);

    DenoisingTarget target(AttackPrompt prompt);
  }

  private TokenAttack(
      StableDiffusion model,
      TokenAttackSettings settings,
      PromptEncoder encoder,
      List<Tensor> latents,
      DenoisingLoss loss,
      Method method) {
    this.model = model;
    this.settings = settings;
    this.encoder = encoder;
    this.latents = latents;
    this.loss = loss;
    this.method = method;
    timesteps = settings.timesteps(loss.schedule().trainTimesteps());
  }

  /**
   * UnlearnDiffAtk (arXiv 2310.11868): distributions over tokens; the attacked model is to predict the noise.
   *
   * @param model the one that has been made to forget
   * @param latents of images of the concept, one per prompt, used in turn; stay the caller's
   */
  public static TokenAttack unlearnDiffAtk(
      StableDiffusion model,
      TokenAttackSettings settings,
      PromptEncoder encoder,
      List<Tensor> latents,
      Provider provider) {
    DenoisingLoss loss = new DenoisingLoss(model, settings.criterion(), provider);
    DenoisingTarget truth = DenoisingTarget.truth(loss.schedule());
    Method method =
        new Method() {
          @Override
          public TokenVariable variable(Generator generator) {
            return new TokenDistributions(
                Vocabulary.embeddings(model), settings, settings.randInit() ? generator : null, provider);
          }

          @Override
          public DenoisingTarget target(AttackPrompt prompt) {
            return truth;
          }
        };
    return new TokenAttack(model, settings, encoder, latents, loss, method);
  }

  /**
   * P4D (arXiv 2309.06135): continuous embeddings projected to the nearest tokens; the attacked model is to predict
   * what the original one predicts for the prompt alone. As {@link #unlearnDiffAtk} in all else.
   *
   * @param original the model before it was made to forget; stays the caller's
   */
  public static TokenAttack p4d(
      StableDiffusion model,
      StableDiffusion original,
      TokenAttackSettings settings,
      PromptEncoder encoder,
      List<Tensor> latents,
      Provider provider) {
    Method method =
        new Method() {
          @Override
          public TokenVariable variable(Generator generator) {
            Tensor vocabulary = Vocabulary.embeddings(model);
            return new ProjectedEmbeddings(vocabulary, Vocabulary.normalized(vocabulary), settings, generator);
          }

          @Override
          public DenoisingTarget target(AttackPrompt prompt) {
            return DenoisingTarget.predictedBy(original, prompt.text());
          }
        };
    return new TokenAttack(
        model, settings, encoder, latents, new DenoisingLoss(model, settings.criterion(), provider), method);
  }

  @Override
  public int rounds() {
    return timesteps.length;
  }

  @Override
  public int stepsPerRound() {
    return settings.iteration();
  }

  @Override
  public void requireRoom(AttackPrompt prompt) {
    template(prompt);
  }

  private PromptTemplate template(AttackPrompt prompt) {
    return PromptTemplate.inserting(model.tokenizer(), prompt.text(), settings.k(), settings.insertionLocation());
  }

  @Override
  public Search search(int index, AttackPrompt prompt) {
    return new TokenSearch(prompt, latents.get(index % latents.size()));
  }

  private final class TokenSearch implements Search {
    private final PromptTemplate template;
    private final Tensor clean; // [1, C, h, w]
    private final Generator generator = Scope.own(torch.make_generator_cpu(settings.seed()));
    private final TokenVariable variable;
    private final DenoisingTarget target;
    private int round;
    private int steps;

    TokenSearch(AttackPrompt prompt, Tensor clean) {
      this.template = template(prompt);
      this.clean = clean;
      try (Scope scope = new Scope()) {
        variable = method.variable(generator);
        target = method.target(prompt);
      }
    }

    @Override
    public Optional<Candidate> next(StepListener listener) {
      if (round == timesteps.length) {
        return Optional.empty();
      }
      int timestep = timesteps[round++];
      double sum = 0;
      for (int i = 0; i < settings.iteration(); i++) {
        double value = step(timestep);
        sum += value;
        if (!listener.afterStep(value)) {
          return Optional.empty();
        }
      }
      try (Scope scope = new Scope()) {
        int[] tokens = Vocabulary.ids(variable.tokens());
        Tensor context = scope.keep(encoder.context(model, template, tokens));
        double mean = sum / settings.iteration();
        return Optional.of(new Candidate(template.text(tokens), tokens, timestep, mean, context));
      }
    }

    private double step(int timestep) {
      try (Scope scope = new Scope();
          StepEvent event = StepEvent.of(StepEvent.ATTACK, ++steps)) {
        Tensor embeddings = model.textEncoder().embed(variable.sample(generator));
        Tensor noise = model.device().place(torch.randn(clean.shape(), new GeneratorOptional(generator)));
        DenoisingLoss.Gradient gradient = loss.of(template, embeddings, clean, noise, timestep, target);
        try (PhaseEvent phase = PhaseEvent.of("optimizer")) {
          variable.step(gradient.embeddings());
        }
        return gradient.loss();
      }
    }

    @Override
    public void close() {
      variable.close();
      generator.releaseReference();
    }
  }
}
