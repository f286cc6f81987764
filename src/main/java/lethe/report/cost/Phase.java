package lethe.report.cost;

import lethe.profile.Work;

/**
 * A part of one step of a method: of training for Forget-Me-Not, of the outer loop for AdvUnlearn.
 *
 * @param times how often it comes in one step; a mean, where chance or the number of steps decides
 * @param work of one time
 */
public record Phase(String name, double times, Work work) {
  public double flops() {
    return times * work.flops();
  }

  public double bytes() {
    return times * work.bytes();
  }
}
