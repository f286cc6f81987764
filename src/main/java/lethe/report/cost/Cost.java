package lethe.report.cost;

import lethe.profile.Work;

/**
 * What a pass through a network costs.
 *
 * @param backward nothing if no gradient is asked for
 */
public record Cost(Work forward, Work backward) {
  static final Cost NONE = new Cost(Work.NONE, Work.NONE);

  /** There and back. */
  public Work total() {
    return forward.plus(backward);
  }

  Cost plus(Cost other) {
    return new Cost(forward.plus(other.forward), backward.plus(other.backward));
  }
}
