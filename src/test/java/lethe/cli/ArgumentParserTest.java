package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentParserTest {
  private enum Scheduler {
    PNDM,
    DPMPP_2M
  }

  private static final Flag<Integer> STEPS = Flag.integer("steps", Range.atLeast(1), "steps").orElse(35);
  private static final Flag<Double> RATE = Flag.decimal("lr", Range.above(0.0), "learning rate").orElse(2e-6);
  private static final Flag<Double> DROPOUT = Flag.decimal("dropout", Range.between(0.0, 1.0), "share dropped");
  private static final Flag<Long> SEED = Flag.longInteger("seed", Range.any(), "random seed").orElse(0L);
  private static final Flag<Path> OUT = Flag.path("out", "DIR", "where to write");
  private static final Flag<Scheduler> SCHEDULER = Flag.choice("scheduler", Scheduler.class, "the scheduler");
  private static final Flag<String> TYPE = Flag.choice("type", List.of("object", "style"), "kind").orElse("object");
  private static final Flag<String> CONCEPT = Flag.text("concept", "NAME", "what to forget").mandatory().repeated();
  private static final Flag<Boolean> STRICT = Flag.toggle("strict", "published quirks");
  private static final Flag<Boolean> POOLER = Flag.onOff("use-pooler", "count the padding").orElse(true);

  private static final Syntax SYNTAX = new Syntax()
      .operand("PATH", "a checkpoint")
      .flags("Options", STEPS, RATE, DROPOUT, SEED, OUT, SCHEDULER, TYPE, CONCEPT, STRICT, POOLER);

  private static Arguments parse(String... words) {
    return new ArgumentParser(SYNTAX).parse(List.of(words));
  }

  private static String error(String... words) {
    UserException error = assertThrows(UserException.class, () -> parse(words));
    assertEquals(ExitCode.USAGE, error.exitCode());
    assertFalse(error.getMessage().contains("\n"), error.getMessage());
    return error.getMessage();
  }

  @Test
  void readsEveryType() {
    Arguments arguments = parse(
        "model", "--steps", "7", "--lr=1e-5", "--dropout", "0.5", "--seed", "-9000000000", "--out", "a b",
        "--scheduler", "dpmpp-2m", "--type", "style", "--concept", "church", "--strict", "--use-pooler", "off");
    assertEquals("model", arguments.operand(0));
    assertEquals(7, arguments.get(STEPS));
    assertEquals(1e-5, arguments.get(RATE));
    assertEquals(0.5, arguments.get(DROPOUT));
    assertEquals(-9_000_000_000L, arguments.get(SEED));
    assertEquals(Path.of("a b"), arguments.get(OUT));
    assertEquals(Scheduler.DPMPP_2M, arguments.get(SCHEDULER));
    assertEquals("style", arguments.get(TYPE));
    assertTrue(arguments.get(STRICT));
    assertFalse(arguments.get(POOLER));
  }

  @Test
  void fallsBackToDefaults() {
    Arguments arguments = parse("model", "--concept", "church");
    assertEquals(35, arguments.get(STEPS));
    assertEquals(2e-6, arguments.get(RATE));
    assertEquals(Optional.empty(), arguments.find(OUT));
    assertFalse(arguments.get(STRICT));
    assertTrue(arguments.get(POOLER));
    assertFalse(arguments.has(STEPS));
    assertThrows(IllegalStateException.class, () -> arguments.get(OUT));
  }

  @Test
  void repeatedOptionsKeepTheirOrder() {
    assertEquals(List.of("b", "a"), parse("model", "--concept", "b", "--concept", "a").all(CONCEPT));
  }

  @Test
  void valuesAreTakenLiterally() {
    assertEquals(List.of("\"a, b\""), parse("model", "--concept", "\"a, b\"").all(CONCEPT));
    assertEquals(List.of(""), parse("model", "--concept", "").all(CONCEPT));
    assertEquals(List.of("-dash"), parse("model", "--concept=-dash").all(CONCEPT));
  }

  @Test
  void resolvedSettingsHoldWhatWasGivenAndTheDefaults() {
    var settings = parse("model", "--concept", "church", "--scheduler", "dpmpp-2m").resolved();
    assertEquals("model", settings.get("PATH"));
    assertEquals(35, settings.get("steps"));
    assertEquals(List.of("church"), settings.get("concept"));
    assertEquals("dpmpp-2m", settings.get("scheduler"));
    assertEquals(false, settings.get("strict"));
    assertTrue(settings.containsKey("out"));
    assertFalse(settings.containsKey("quiet"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "--steps     | 0      | --steps '0': expected a whole number, at least 1",
      "--steps     | 1.5    | --steps '1.5': expected a whole number, at least 1",
      "--steps     | 3e9    | --steps '3e9': expected a whole number, at least 1",
      "--seed      | x      | --seed 'x': expected a whole number",
      "--lr        | 0      | --lr '0': expected a number, above 0",
      "--lr        | NaN    | --lr 'NaN': expected a number, above 0",
      "--lr        | 1e999  | --lr '1e999': expected a number, above 0",
      "--lr        | 1f     | --lr '1f': expected a number, above 0",
      "--dropout   | 1.01   | --dropout '1.01': expected a number, from 0 to 1",
      "--scheduler | ddim   | --scheduler 'ddim': expected one of pndm, dpmpp-2m",
      "--type      | Object | --type 'Object': expected one of object, style",
      "--out       | ''     | --out '': expected a path",
      "--use-pooler| yes    | --use-pooler 'yes': expected on or off"})
  void aBadValueIsNamedWithWhatIsAllowed(String flag, String value, String message) {
    assertEquals(message, error("model", "--concept", "church", flag, value));
  }

  @Test
  void unknownOptionsSuggestTheNearest() {
    assertEquals("unknown option --stesp; did you mean --steps?", error("model", "--stesp", "3"));
    assertEquals("unknown option --zzz", error("model", "--zzz"));
  }

  @Test
  void abbreviationsAreUnknown() {
    assertTrue(error("model", "--sched", "pndm").startsWith("unknown option --sched"));
  }

  @Test
  void aMissingValueIsAnError() {
    assertEquals("--steps needs a value: a whole number, at least 1", error("model", "--steps"));
    assertEquals("--concept needs a value: a text", error("model", "--concept", "--steps", "3"));
  }

  @Test
  void aSwitchTakesNoValue() {
    assertEquals("--strict takes no value", error("model", "--strict=yes"));
  }

  @Test
  void givenTwiceIsAnError() {
    String concept = "--concept=church";
    assertEquals("--steps is given 2 times; give it once", error("m", concept, "--steps", "1", "--steps", "1"));
    assertEquals("--strict is given 2 times; give it once", error("m", concept, "--strict", "--strict"));
  }

  @Test
  void missingAndSurplusWordsAreErrors() {
    assertEquals("--concept NAME is missing: what to forget", error("model"));
    assertEquals("PATH is missing: a checkpoint", error("--concept", "church"));
    assertEquals("unexpected argument 'more'", error("model", "more", "--concept", "church"));
  }

  @Test
  void declaringAFlagTwiceIsABug() {
    Syntax syntax = new Syntax().flags("Options", STEPS, STEPS);
    assertThrows(IllegalArgumentException.class, () -> new ArgumentParser(syntax));
  }
}
