package lethe.erase.advunlearn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import lethe.error.UserException;
import lethe.model.StableDiffusion;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.layer.Network;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** The parameters that are trained, by name. They need a gradient only while {@link #whileTraining} runs. */
final class TrainedParts {
  private final Map<String, Tensor> parameters;

  private TrainedParts(Map<String, Tensor> parameters) {
    this.parameters = Collections.unmodifiableMap(parameters);
  }

  /** @throws UserException if the method selects nothing of this model */
  static TrainedParts of(StableDiffusion model, AdvUnlearnSettings settings) {
    TrainMethod method = settings.trainMethod();
    Network network = method.ofTextEncoder() ? model.textEncoder() : model.unet();
    Map<String, Tensor> chosen = new LinkedHashMap<>();
    network
        .parameters()
        .forEach(
            (name, parameter) -> {
              boolean trained =
                  method.ofTextEncoder()
                      ? method.trainsText(name, settings.component(), settings.normLayer(), settings.strict())
                      : method.trainsUnet(name, model.unet().config());
              if (trained) {
                chosen.put(name, parameter);
              }
            });
    if (chosen.isEmpty() || method.ofTextEncoder() && lacksLayers(model.textEncoder(), method)) {
      throw UserException.usage(
          "--train-method %s names layers that this model does not have; choose another".formatted(method));
    }
    return new TrainedParts(chosen);
  }

  private static boolean lacksLayers(ClipTextEncoder encoder, TrainMethod method) {
    return method.highestLayer() >= encoder.config().numHiddenLayers();
  }

  Map<String, Tensor> parameters() {
    return parameters;
  }

  /** Runs {@code step} with gradients for the parameters; afterwards they are frozen and without any. */
  void whileTraining(Runnable step) {
    parameters.values().forEach(parameter -> parameter.set_requires_grad(true));
    try {
      step.run();
    } finally {
      try (Scope scope = new Scope()) {
        for (Tensor parameter : parameters.values()) {
          parameter.mutable_grad().reset();
          parameter.set_requires_grad(false);
        }
      }
    }
  }
}
