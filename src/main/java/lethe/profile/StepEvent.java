package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One turn of a loop. */
@Name("lethe.Step")
@Label("Step")
@Category("Lethe")
@StackTrace(false)
public final class StepEvent extends Event implements AutoCloseable {
  /** An optimiser's step on a model's weights. */
  public static final String TRAINING = "training step";

  /** One update of an adversarial prompt. */
  public static final String ATTACK = "attack step";

  /** One turn of a sampler. */
  public static final String SAMPLING = "sampling step";

  @Label("Kind")
  public String kind;

  @Label("Index")
  public int index;

  /**
   * @param kind one of the constants here
   * @param index from 1
   */
  public static StepEvent of(String kind, int index) {
    StepEvent event = new StepEvent();
    event.kind = kind;
    event.index = index;
    event.begin();
    return event;
  }

  @Override
  public void close() {
    commit();
    MemoryEvent.record();
  }
}
