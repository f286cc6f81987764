package lethe.model.scheduler;

import java.util.OptionalDouble;

/** The lowest and highest sigma of the Karras spacing, where a config sets them. */
record KarrasBounds(OptionalDouble lowest, OptionalDouble highest) {
  static final KarrasBounds NONE = new KarrasBounds(OptionalDouble.empty(), OptionalDouble.empty());

  static KarrasBounds of(SchedulerSettings settings) {
    return new KarrasBounds(settings.optionalNumber("sigma_min"), settings.optionalNumber("sigma_max"));
  }

  /** {@code count} Karras sigmas within these bounds, or the given ones where there are none. */
  double[] karras(double defaultHighest, double defaultLowest, int count) {
    return SigmaLadder.karras(highest.orElse(defaultHighest), lowest.orElse(defaultLowest), count);
  }
}
