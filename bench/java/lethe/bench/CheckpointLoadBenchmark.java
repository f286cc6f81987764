package lethe.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole checkpoint from files that the operating system has in memory: text encoder, UNet and VAE, as float32.
 *
 * <pre>./lethe bench --filter CheckpointLoad</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CheckpointLoadBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  @Benchmark
  public long load() {
    try (BenchedModel benched = BenchedModel.load(model)) {
      return benched.model().unet().parameterCount();
    }
  }
}
