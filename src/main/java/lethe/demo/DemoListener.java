package lethe.demo;

import lethe.report.demo.DemoPhase;

/** Told how far a demo is, from the threads that work; ends it by saying so. */
public interface DemoListener {
  /**
   * @param lane which of those that run side by side, from 0
   * @param work of which model, and what
   * @param done steps of {@code total}
   */
  void progress(int lane, String work, long done, long total);

  void ended(DemoPhase phase);

  boolean cancelled();
}
