package lethe.model.scheduler;

/** What a UNet was trained to predict. */
public enum PredictionType {
  /** The noise. */
  EPSILON("epsilon"),
  /** The velocity sqrt(alphaBar) noise - sqrt(1 - alphaBar) clean (Salimans and Ho, "Progressive Distillation"). */
  V_PREDICTION("v_prediction"),
  /** The clean sample. */
  SAMPLE("sample");

  private final String configName;

  PredictionType(String configName) {
    this.configName = configName;
  }

  String configName() {
    return configName;
  }
}
