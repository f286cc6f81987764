package lethe.evaluate;

/** A picture that was asked for, and what the judge sees in it. */
public record JudgedPicture(PictureRequest request, Judgement judgement) {
  /** Whether it shows the concept that was asked for. */
  public boolean showsConcept() {
    return judgement.concept().equals(request.concept());
  }

  /** Whether it is in the style that was asked for. */
  public boolean hasStyle() {
    return judgement.style().equals(request.style());
  }
}
