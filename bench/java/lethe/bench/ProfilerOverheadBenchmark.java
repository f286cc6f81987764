package lethe.bench;

import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import lethe.profile.KernelEvent;
import lethe.profile.ModuleEvent;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the profiler's events cost around nothing, with nobody recording and with somebody; beside them the smallest
 * operation that an event ever stands around, an addition of two numbers by LibTorch.
 *
 * <pre>mvn -q -Pbench test-compile exec:exec -Dbench=ProfilerOverhead</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ProfilerOverheadBenchmark {
  /** Whether a flight recording runs. */
  @Param({"false", "true"})
  public boolean recording;

  private Recording running;
  private Tensor one;
  private long flops;

  @Setup
  public void setUp() {
    one = torch.ones(1);
    if (recording) {
      running = new Recording();
      running.enable(KernelEvent.class).withoutThreshold().withoutStackTrace();
      running.enable(ModuleEvent.class).withoutThreshold().withoutStackTrace();
      running.start();
    }
  }

  @TearDown
  public void tearDown() {
    if (recording) {
      running.close();
    }
    one.close();
  }

  @Benchmark
  public long nothing() {
    return ++flops;
  }

  @Benchmark
  public long kernelEvent() {
    KernelEvent event = new KernelEvent();
    event.begin();
    long result = ++flops;
    event.end();
    if (event.shouldCommit()) {
      event.flops = result;
      event.commit();
    }
    return result;
  }

  @Benchmark
  public long moduleEvent() {
    try (ModuleEvent event = ModuleEvent.of("unet.mid_block")) {
      return ++flops;
    }
  }

  @Benchmark
  public void smallestOperation() {
    one.add(one).close();
  }
}
