package lethe.evaluate;

import java.util.ArrayList;
import java.util.List;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Draws what is asked for and has it judged. */
public record Evaluation(EvaluationSettings settings) {
  /** Told about the pictures as they come. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param pictures what was drawn together, in the order of the requests
     * @param images the same, [B, 3, H, W], about [-1, 1]; owned by the current scope
     * @return whether to go on
     */
    boolean drawn(List<JudgedPicture> pictures, Tensor images);
  }

  /**
   * @param requests what {@code model} is to draw; a picture does not depend on what is drawn beside it, but for the
   *     rounding of sums
   * @return one judged picture per request, in their order; fewer if the listener ended it
   */
  public List<JudgedPicture> run(
      StableDiffusion model, ClassifierJudge judge, List<PictureRequest> requests, Listener listener) {
    List<JudgedPicture> judged = new ArrayList<>();
    boolean goOn = true;
    for (int start = 0; goOn && start < requests.size(); start += settings.batchSize()) {
      List<PictureRequest> batch = requests.subList(start, Math.min(requests.size(), start + settings.batchSize()));
      try (Scope scope = new Scope()) {
        Tensor images = draw(model, batch);
        List<Judgement> judgements = judge.judgeAll(images);
        List<JudgedPicture> pictures = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
          pictures.add(new JudgedPicture(batch.get(i), judgements.get(i)));
        }
        judged.addAll(pictures);
        goOn = listener.drawn(pictures, images);
      }
    }
    return judged;
  }

  private Tensor draw(StableDiffusion model, List<PictureRequest> requests) {
    try (Scope scope = new Scope()) {
      int side = model.nativeResolution();
      Tensor starts = model.startLatents(requests.stream().map(PictureRequest::seed).toList(), side, side);
      Tensor contexts = model.encodePrompts(requests.stream().map(PictureRequest::prompt).toList());
      SamplingSettings sampling =
          new SamplingSettings("", "", settings.scheduler(), settings.steps(), settings.guidanceScale());
      return scope.keep(model.decode(model.sample(starts, contexts, sampling, step -> {})));
    }
  }
}
