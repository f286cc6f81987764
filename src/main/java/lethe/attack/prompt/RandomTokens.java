package lethe.attack.prompt;

import java.util.Optional;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random tokens, one draw a round: what an attack must beat. */
public final class RandomTokens implements PromptAttack {
  private final StableDiffusion model;
  private final TokenAttackSettings settings;
  private final PromptEncoder encoder;

  /**
   * @param settings k, location, seed, and the number of tries ({@code iteration})
   */
  public RandomTokens(StableDiffusion model, TokenAttackSettings settings, PromptEncoder encoder) {
    this.model = model;
    this.settings = settings;
    this.encoder = encoder;
  }

  /** Uniform over {@code vocabularySize} tokens, int64 [k]; owned by the current scope. */
  static Tensor draw(long vocabularySize, int k, Generator generator) {
    try (Scope scope = new Scope()) {
      Tensor drawn = torch.randint(vocabularySize, new long[] {k}, new GeneratorOptional(generator));
      return scope.keep(drawn.to(torch.ScalarType.Long));
    }
  }

  @Override
  public int rounds() {
    return settings.iteration();
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
    return PromptTemplate.inserting(model.tokenizer(), prompt.text(), settings.k(), settings.insertionLocation());
  }

  @Override
  public Search search(int index, AttackPrompt prompt) {
    PromptTemplate template = template(prompt);
    return new Tries(template);
  }

  private final class Tries implements Search {
    private final PromptTemplate template;
    private final Generator generator = Scope.own(torch.make_generator_cpu(settings.seed()));
    private int done;

    Tries(PromptTemplate template) {
      this.template = template;
    }

    @Override
    public Optional<Candidate> next(StepListener listener) {
      if (done == settings.iteration()) {
        return Optional.empty();
      }
      done++;
      try (Scope scope = new Scope()) {
        int[] tokens = Vocabulary.ids(draw(model.tokenizer().vocabularySize(), settings.k(), generator));
        Tensor context = scope.keep(encoder.context(model, template, tokens));
        return Optional.of(
            new Candidate(template.text(tokens), tokens, Candidate.NO_TIMESTEP, Double.NaN, context));
      }
    }

    @Override
    public void close() {
      generator.releaseReference();
    }
  }
}
