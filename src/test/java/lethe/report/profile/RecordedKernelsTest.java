package lethe.report.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import lethe.kernel.AdamWSettings;
import lethe.kernel.Optimizer;
import lethe.kernel.PgdLoop;
import lethe.kernel.PgdStep;
import lethe.kernel.PgdUpdate;
import lethe.kernel.Provider;
import lethe.kernel.SimplexProjection;
import lethe.profile.Work;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a recording says of the kernels that attacks and optimisers call. */
class RecordedKernelsTest {
  @BeforeEach
  void nativeKernels() {
    assumeTrue(Provider.choose() == Provider.NATIVE);
  }

  /** The kernel's operations, and that its native call lies within it. */
  private static void recorded(Profile profile, String kernel, String function, Work work) {
    Span outer = only(profile, Span.Kind.KERNEL, kernel);
    Span call = only(profile, Span.Kind.NATIVE_CALL, function);
    assertEquals(work, outer.work());
    assertTrue(outer.startNanos() <= call.startNanos() && call.endNanos() <= outer.endNanos());
  }

  private static Span only(Profile profile, Span.Kind kind, String name) {
    List<Span> found =
        profile.spans().stream().filter(span -> span.kind() == kind && span.name().equals(name)).toList();
    assertEquals(1, found.size(), name);
    return found.get(0);
  }

  @Test
  void pgdStep() {
    try (Scope scope = new Scope();
        Recorder recorder = new Recorder()) {
      Tensor x = torch.randn(4, 32);
      PgdUpdate update = PgdUpdate.of(PgdUpdate.Rule.SIGN, 0.01).within(PgdUpdate.Ball.LINF, 0.1);
      PgdStep.apply(x, torch.randn(4, 32), x.clone(), null, update);
      recorded(recorder.stop(), "pgd_step", "lethe_pgd_step_f32", Work.pgdStep(128, true, false, Float.BYTES));
    }
  }

  @Test
  void simplexProjection() {
    try (Scope scope = new Scope();
        Recorder recorder = new Recorder()) {
      SimplexProjection.project(torch.randn(3, 100));
      recorded(
          recorder.stop(),
          "simplex_projection",
          "lethe_simplex_projection_f32",
          Work.simplexProjection(300, Float.BYTES));
    }
  }

  @Test
  void adamWCountsOnlyParametersWithAGradient() {
    try (Scope scope = new Scope();
        Recorder recorder = new Recorder()) {
      Tensor used = torch.randn(8, 8).set_requires_grad(true);
      Tensor unused = torch.randn(5).set_requires_grad(true);
      try (Optimizer optimizer = Optimizer.adamW(Provider.NATIVE, List.of(used, unused), AdamWSettings.of(0.1))) {
        used.sum().backward();
        optimizer.step();
      }
      recorded(recorder.stop(), "adamw", "lethe_fused_adamw_f32", Work.adamW(64));
    }
  }

  @Test
  void theLoopIsOneNativeCall() {
    try (Scope scope = new Scope();
        Recorder recorder = new Recorder()) {
      PgdLoop.Settings settings = PgdLoop.Settings.of(PgdUpdate.of(PgdUpdate.Rule.SIGN, 0.01), 3);
      PgdLoop.of(Provider.NATIVE).run(torch.randn(2, 3), null, settings, (step, x, gradient) -> 1, () -> false);
      only(recorder.stop(), Span.Kind.NATIVE_CALL, "lethe_pgd_loop_f32");
    }
  }
}
