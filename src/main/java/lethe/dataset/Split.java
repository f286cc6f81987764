package lethe.dataset;

/** What an image is for. */
public enum Split {
  TRAIN("train"),
  /** Never trained on: measures a judge. */
  HELD_OUT("held-out");

  private final String word;

  Split(String word) {
    this.word = word;
  }

  /** As files write it. */
  public String word() {
    return word;
  }
}
