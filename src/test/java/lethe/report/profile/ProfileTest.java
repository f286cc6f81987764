package lethe.report.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import lethe.profile.Work;
import org.junit.jupiter.api.Test;

/** Recordings are made up, so that every sum is known. */
class ProfileTest {
  private final List<Span> spans = new ArrayList<>();

  private void span(Span.Kind kind, String name, long start, long end) {
    spans.add(new Span(kind, name, null, null, null, "main", start, end - start, Work.NONE, Work.NONE));
  }

  private void kernel(String name, long start, long end, long flops, long laterFlops) {
    spans.add(
        new Span(
            Span.Kind.KERNEL,
            name,
            "libtorch",
            "[1]",
            "fp32",
            "main",
            start,
            end - start,
            new Work(flops, 4 * flops),
            new Work(laterFlops, 0)));
  }

  private Profile profile() {
    return new Profile(spans, List.of(new Profile.Memory(0, 5, 7), new Profile.Memory(1, 6, 9)));
  }

  private static Row row(Collection<Row> rows, String name) {
    return rows.stream().filter(row -> row.name.equals(name)).findFirst().orElseThrow();
  }

  /** Two training steps: a forward pass of two modules, a backward pass with one kernel of ours in it. */
  private void twoSteps() {
    for (long at : new long[] {0, 1000}) {
      kernel("linear", at + 110, at + 150, 1000, 2000);
      span(Span.Kind.MODULE, "unet.mid_block", at + 105, at + 200);
      span(Span.Kind.MODULE, "unet", at + 105, at + 300);
      span(Span.Kind.MODULE, "unet.mid_block.resnets.0", at + 105, at + 160);
      kernel("linear", at + 210, at + 290, 500, 500);
      span(Span.Kind.PHASE, "forward", at + 100, at + 400);
      span(Span.Kind.PHASE, "backward", at + 400, at + 900);
      kernel("attention_scores backward", at + 500, at + 600, 70, 0);
      span(Span.Kind.NATIVE_CALL, "lethe_attention_scores_backward_f32", at + 510, at + 590);
      span(Span.Kind.STEP, "training step", at + 100, at + 900);
    }
  }

  @Test
  void kernelsAreAddedUpByNameAndProvider() {
    twoSteps();
    Row linear = row(profile().kernels(), "linear (libtorch)");
    assertEquals(4, linear.calls);
    assertEquals(2 * (40 + 80), linear.nanos);
    assertEquals(2 * 1500, linear.work.flops());
    assertEquals(3000.0 / 240, linear.gigaflopsPerSecond());
    assertEquals(4 * 3000.0 / 240, linear.gigabytesPerSecond());
  }

  @Test
  void modulesContainWhatRanInsideThem() {
    twoSteps();
    Profile profile = profile();
    assertEquals(2 * 1500, row(profile.modules(), "unet").work.flops());
    Row mid = row(profile.modules(), "unet.mid_block");
    assertEquals(2 * 1000, mid.work.flops());
    assertEquals(2 * 95, mid.nanos);
    assertTrue(profile.modules().stream().noneMatch(row -> row.name.contains("resnets")), "too deep to be shown");
  }

  @Test
  void theBackwardPassIsCreditedWithWhatAutogradDoesInIt() {
    twoSteps();
    Profile profile = profile();
    assertEquals(2 * 1500, profile.phaseFlops("forward"));
    assertEquals(2 * (2500 + 70), profile.phaseFlops("backward"));
    assertEquals(2 * (1500 + 2500 + 70), profile.phaseFlops("training step"));
    assertEquals(0, profile.phaseFlops("no such phase"));
  }

  @Test
  void aSpanEndsWithWhatContainsIt() {
    span(Span.Kind.PHASE, "forward", 0, 100);
    kernel("linear", 50, 101, 10, 0);
    Profile profile = profile();
    assertEquals(100, profile.nanos());
    assertEquals(50, row(profile.kernels(), "linear (libtorch)").nanos);
    assertEquals(10, profile.phaseFlops("forward"));
  }

  @Test
  void timeAndMemoryAreThoseOfTheWhole() {
    twoSteps();
    assertEquals(1800, profile().nanos());
    assertEquals(9, profile().peakMemory());
    assertEquals(0, new Profile(List.of(), List.of()).nanos());
  }

  @Test
  void theShareOfTheCeilingIsThatOfTheOneThatBinds() {
    kernel("linear", 0, 100, 5000, 0); // 50 GFLOP/s, 200 GB/s
    String line = new ProfileTable(profile(), new ProfileTable.Ceilings(100, 250))
        .lines().stream().filter(l -> l.startsWith("linear")).findFirst().orElseThrow();
    assertTrue(line.endsWith("80.0%"), line);
    assertTrue(line.contains("50.0"), line);
  }

  @Test
  void modulesAndPhasesHaveTheirRatesToo() {
    twoSteps();
    List<String> lines = new ProfileTable(profile(), new ProfileTable.Ceilings(0, 0)).lines();
    assertEquals(3, lines.stream().filter(line -> line.endsWith("GFLOP/s     GB/s")).count(), lines.toString());
    String forward = lines.stream().filter(line -> line.startsWith("forward")).findFirst().orElseThrow();
    assertTrue(forward.endsWith("5.0     20.0"), forward); // 3000 operations and 12,000 bytes in 600 ns
  }

  @Test
  void anEmptyProfileHasNoTables() {
    ProfileTable table = new ProfileTable(new Profile(List.of(), List.of()), new ProfileTable.Ceilings(0, 0));
    assertEquals(1, table.lines().size());
  }
}
