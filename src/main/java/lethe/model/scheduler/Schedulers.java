package lethe.model.scheduler;

import java.util.List;
import lethe.error.UserException;

/** Makes schedulers by name. */
public final class Schedulers {
  /** The names users type. Reading them loads no native library, so that {@code --help} answers at once. */
  public static final List<String> NAMES = List.of("pndm", "ddim", "euler", "dpm++2m", "lms");

  private Schedulers() {}

  /**
   * Makes the scheduler {@code name} with the settings of {@code config}.
   *
   * @param name one of {@link #NAMES}, or null for the class that the config names
   * @throws UserException if there is no such scheduler, or it cannot run with the config's settings
   */
  public static Scheduler create(String name, SchedulerConfig config) {
    SchedulerClass type =
        SchedulerClass.ofShortName(name == null ? config.name() : name)
            .orElseThrow(
                () ->
                    UserException.usage(
                        "unknown scheduler '" + name + "'; choose one of " + String.join(", ", NAMES)));
    SchedulerSettings settings = config.settings(type);
    return switch (type) {
      case PNDM -> new PndmScheduler(settings);
      case DDIM -> new DdimScheduler(settings);
      case EULER -> new EulerDiscreteScheduler(settings);
      case DPM_SOLVER_MULTISTEP -> new DpmSolverMultistepScheduler(settings);
      case LMS -> new LmsDiscreteScheduler(settings);
    };
  }
}
