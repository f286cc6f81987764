package lethe.demo;

import java.util.concurrent.CancellationException;
import lethe.report.demo.DemoPhase;

/** One thread's work: a phase behind another, each timed, each step of each telling the listener. */
final class Lane {
  private final int number;
  private final long demoStart; // System.nanoTime()
  private final DemoListener listener;

  /** A phase at work. */
  @FunctionalInterface
  interface Work<T> {
    T run(Steps steps);
  }

  /** Counts a phase's steps. */
  @FunctionalInterface
  interface Steps {
    /**
     * So many are done.
     *
     * @throws CancellationException if the demo is to end
     */
    void done(long count);
  }

  Lane(int number, long demoStart, DemoListener listener) {
    this.number = number;
    this.demoStart = demoStart;
    this.listener = listener;
  }

  /**
   * Runs a phase.
   *
   * @param model whose it is
   * @param what is done, in a word or two
   * @param unit of its steps, in the plural
   * @throws CancellationException if the demo is to end
   */
  <T> T phase(String model, String what, long total, String unit, Work<T> work) {
    long start = System.nanoTime();
    String name = model + ": " + what;
    Steps steps =
        count -> {
          if (listener.cancelled()) {
            throw new CancellationException();
          }
          listener.progress(number, name, count, total);
        };
    steps.done(0);
    T result = work.run(steps);
    steps.done(total); // of work that was cancelled nothing is used
    listener.ended(
        new DemoPhase(
            number, model, what, total + " " + unit, (start - demoStart) / 1e9, (System.nanoTime() - start) / 1e9));
    return result;
  }
}
