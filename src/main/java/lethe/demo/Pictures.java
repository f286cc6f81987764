package lethe.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lethe.attack.judge.ConceptJudge;
import lethe.attack.prompt.AttackPrompt;
import lethe.attack.prompt.Drawing;
import lethe.erase.forgetmenot.ConceptPositions;
import lethe.image.PngWriter;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.AttentionMapPass;
import lethe.model.layer.PredictionPass;
import lethe.report.demo.AttentionMap;
import lethe.report.demo.DemoPicture;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Draws a model's pictures and has them judged. */
final class Pictures {
  /** Drawn together: by ten, a picture takes three quarters of the time that it takes alone. */
  private static final int BATCH = 10;

  private final DemoSettings settings;
  private final StableDiffusion model;
  private final ConceptJudge judge;
  private final Drawing drawing;

  Pictures(DemoSettings settings, StableDiffusion model, ConceptJudge judge) {
    this.settings = settings;
    this.model = model;
    this.judge = judge;
    this.drawing = settings.drawing(model.nativeResolution());
  }

  /** The erased concept's, with maps of the attention to its tokens. */
  List<DemoPicture> erased(Lane.Steps steps) {
    List<DemoPicture> pictures = new ArrayList<>();
    List<AttackPrompt> prompts = settings.erasedPictures();
    for (int first = 0; first < prompts.size(); first += BATCH) {
      List<AttackPrompt> batch = prompts.subList(first, Math.min(prompts.size(), first + BATCH));
      Progress progress = new Progress(steps, first, batch.size());
      try (Scope scope = new Scope();
          AttentionMapPass pass = maps(batch)) {
        Tensor images = drawing.draw(model, batch, pass, progress::step);
        Tensor maps = pass.maps().sum(1).cpu().contiguous(); // [B, h, w]: to all of the concept's tokens together
        for (int i = 0; i < batch.size(); i++) {
          pictures.add(picture(batch.get(i), settings.concept(), images.select(0, i), map(maps.select(0, i))));
        }
      }
    }
    return pictures;
  }

  /** The other concepts'. */
  List<DemoPicture> retained(Lane.Steps steps) {
    List<AttackPrompt> prompts = new ArrayList<>();
    List<String> concepts = new ArrayList<>();
    for (String concept : settings.retained()) {
      for (AttackPrompt prompt : settings.retainedPictures(concept)) {
        prompts.add(prompt);
        concepts.add(concept);
      }
    }
    List<DemoPicture> pictures = new ArrayList<>();
    for (int first = 0; first < prompts.size(); first += BATCH) {
      List<AttackPrompt> batch = prompts.subList(first, Math.min(prompts.size(), first + BATCH));
      Progress progress = new Progress(steps, first, batch.size());
      try (Scope scope = new Scope()) {
        Tensor images = drawing.draw(model, batch, PredictionPass.INSTANCE, progress::step);
        for (int i = 0; i < batch.size(); i++) {
          pictures.add(picture(batch.get(i), concepts.get(first + i), images.select(0, i), null));
        }
      }
    }
    return pictures;
  }

  /** Counts a batch's pictures as its sampler goes on. */
  private final class Progress {
    private final Lane.Steps steps;
    private final long before;
    private final int pictures;

    Progress(Lane.Steps steps, long before, int pictures) {
      this.steps = steps;
      this.before = before;
      this.pictures = pictures;
    }

    void step(int samplerSteps) {
      steps.done(before + (long) pictures * samplerSteps / drawing.steps());
    }
  }

  private DemoPicture picture(AttackPrompt prompt, String concept, Tensor image, AttentionMap map) {
    return new DemoPicture(
        prompt.text(), concept, prompt.seed(), PngWriter.bufferedImage(image), judge.judge(image), map);
  }

  private AttentionMapPass maps(List<AttackPrompt> prompts) {
    long[] tokens = tokens(prompts.get(0));
    for (AttackPrompt prompt : prompts) {
      if (!Arrays.equals(tokens, tokens(prompt))) {
        throw new IllegalStateException("prompts drawn together have the concept's tokens at different places");
      }
    }
    int factor = model.vae().config().downsamplingFactor();
    return new AttentionMapPass(
        Provider.choose().on(model.device()),
        prompts.size(),
        drawing.height() / factor,
        drawing.width() / factor,
        tokens);
  }

  /** Where the concept's tokens stand, without the end-of-text positions. */
  private long[] tokens(AttackPrompt prompt) {
    boolean[] positions = ConceptPositions.find(model.tokenizer(), settings.concept(prompt.text()), false);
    long[] tokens = new long[positions.length];
    int count = 0;
    for (int i = 0; i < positions.length; i++) {
      if (positions[i]) {
        tokens[count++] = i;
      }
    }
    return Arrays.copyOf(tokens, count);
  }

  private static AttentionMap map(Tensor map) {
    int height = (int) map.size(0);
    int width = (int) map.size(1);
    float[] values = new float[height * width];
    map.data_ptr_float().get(values);
    return new AttentionMap(values, height, width);
  }
}
