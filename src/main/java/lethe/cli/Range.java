package lethe.cli;

import java.util.function.Predicate;

/**
 * The values an option takes.
 *
 * @param test whether a value is allowed
 * @param text the same in words that complete "a number": {@code at least 1}; empty where every value is allowed
 */
record Range<T extends Comparable<T>>(Predicate<T> test, String text) {
  static <T extends Comparable<T>> Range<T> any() {
    return new Range<>(value -> true, "");
  }

  static <T extends Comparable<T>> Range<T> atLeast(T low) {
    return new Range<>(value -> value.compareTo(low) >= 0, "at least " + Flag.display(low));
  }

  static <T extends Comparable<T>> Range<T> above(T low) {
    return new Range<>(value -> value.compareTo(low) > 0, "above " + Flag.display(low));
  }

  /** Both ends included. */
  static <T extends Comparable<T>> Range<T> between(T low, T high) {
    return new Range<>(
        value -> value.compareTo(low) >= 0 && value.compareTo(high) <= 0,
        "from " + Flag.display(low) + " to " + Flag.display(high));
  }

  boolean contains(T value) {
    return test.test(value);
  }

  /** {@code noun} with the range behind it: {@code a whole number, at least 1}. */
  String describe(String noun) {
    return text.isEmpty() ? noun : noun + ", " + text;
  }
}
