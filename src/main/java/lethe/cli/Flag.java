package lethe.cli;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import lethe.error.UserException;
import org.apache.commons.cli.Option;

/**
 * One typed option of a command: {@code --steps N}.
 *
 * <p>Flags are constants of their command, which reads them from its {@link Arguments}:
 *
 * <pre>{@code
 * static final Flag<Integer> STEPS = Flag.integer("steps", Range.atLeast(1), "optimiser steps").orElse(35);
 * ...
 * int steps = arguments.get(STEPS);
 * }</pre>
 *
 * @param name the long name, without dashes
 * @param argument what stands for the value in the help; null for a switch, which takes none
 * @param expected what a value must be, in words that complete "expected ..."
 * @param description one line for the help, without the default
 * @param parser the value of a word; {@link IllegalArgumentException} for a word that is not {@code expected}, or a
 *     {@link UserException} where it has more to say
 * @param fallback the value when the option is not given, or null
 * @param fallbackText how the help shows the default, or null for none
 * @param required whether the command line must carry it
 * @param repeatable whether it may be given more than once
 */
record Flag<T>(
    String name,
    String argument,
    String expected,
    String description,
    Function<String, T> parser,
    T fallback,
    String fallbackText,
    boolean required,
    boolean repeatable) {

  /** A switch: absent is false, present is true. */
  static Flag<Boolean> toggle(String name, String description) {
    return new Flag<>(name, null, null, description, null, false, null, false, false);
  }

  /** A setting that is on or off, for those whose default is on. */
  static Flag<Boolean> onOff(String name, String description) {
    return of(name, "on|off", "on or off", description, word -> choose(word, List.of("on", "off")).equals("on"));
  }

  static Flag<Integer> integer(String name, Range<Integer> range, String description) {
    return of(name, "N", range.describe("a whole number"), description, word -> in(range, Integer.valueOf(word)));
  }

  /** A whole number that may pass 2^31: seeds, byte counts. */
  static Flag<Long> longInteger(String name, Range<Long> range, String description) {
    return of(name, "N", range.describe("a whole number"), description, word -> in(range, Long.valueOf(word)));
  }

  /** A finite number. */
  static Flag<Double> decimal(String name, Range<Double> range, String description) {
    return of(name, "X", range.describe("a number"), description, word -> in(range, finite(word)));
  }

  static Flag<String> text(String name, String argument, String description) {
    return of(name, argument, "a text", description, Function.identity());
  }

  static Flag<Path> path(String name, String argument, String description) {
    return of(name, argument, "a path", description, Flag::nonEmptyPath);
  }

  static Flag<String> choice(String name, List<String> choices, String description) {
    String expected = "one of " + String.join(", ", choices);
    return of(name, String.join("|", choices), expected, description, word -> choose(word, choices));
  }

  /** The constants of an enum, written as users write them: {@code DPMPP_2M} is {@code dpmpp-2m}. */
  static <E extends Enum<E>> Flag<E> choice(String name, Class<E> type, String description) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> words = constants.stream().map(Flag::word).toList();
    String expected = "one of " + String.join(", ", words);
    return of(
        name,
        String.join("|", words),
        expected,
        description,
        given -> constants.get(words.indexOf(choose(given, words))));
  }

  /** A value of any other form. */
  static <T> Flag<T> of(
      String name, String argument, String expected, String description, Function<String, T> parser) {
    return new Flag<>(name, argument, expected, description, parser, null, null, false, false);
  }

  /** The default, which the help shows. */
  Flag<T> orElse(T value) {
    return new Flag<>(
        name, argument, expected, description, parser, value, display(value), required, repeatable);
  }

  /** A default that only the command can work out; the help shows {@code text} for it. */
  Flag<T> orElseShown(String text) {
    return new Flag<>(name, argument, expected, description, parser, null, text, required, repeatable);
  }

  Flag<T> mandatory() {
    return new Flag<>(name, argument, expected, description, parser, fallback, fallbackText, true, repeatable);
  }

  Flag<T> repeated() {
    return new Flag<>(name, argument, expected, description, parser, fallback, fallbackText, required, true);
  }

  boolean isSwitch() {
    return argument == null;
  }

  /** The value of {@code word}, or a {@link UserException} that names the flag, the word and what is allowed. */
  T parse(String word) {
    try {
      return parser.apply(word);
    } catch (IllegalArgumentException e) {
      throw UserException.usage("--" + name + " '" + word + "': expected " + expected);
    }
  }

  Option toOption() {
    return Option.builder().longOpt(name).hasArg(!isSwitch()).get();
  }

  /** {@code value} as a user would type it: {@code 2e-6}, {@code dpmpp-2m}. */
  static String display(Object value) {
    if (value instanceof Double number) {
      return number.toString().replaceFirst("\\.0(?=E|$)", "").replace('E', 'e');
    }
    if (value instanceof Boolean on) {
      return on ? "on" : "off";
    }
    return value instanceof Enum<?> constant ? word(constant) : String.valueOf(value);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <T extends Comparable<T>> T in(Range<T> range, T value) {
    if (!range.contains(value)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  /** By BigDecimal, because Double.valueOf also takes "NaN", "1f" and hexadecimal. */
  private static Double finite(String word) {
    double value = new BigDecimal(word).doubleValue();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static Path nonEmptyPath(String word) {
    if (word.isEmpty()) {
      throw new IllegalArgumentException();
    }
    return Path.of(word);
  }

  private static String choose(String word, List<String> choices) {
    if (!choices.contains(word)) {
      throw new IllegalArgumentException();
    }
    return word;
  }
}
