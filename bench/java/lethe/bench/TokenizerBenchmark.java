package lethe.bench;

import java.util.concurrent.TimeUnit;
import lethe.text.ClipTokenizer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A prompt of 13 words to its 77 token ids.
 *
 * <pre>./lethe bench --filter Tokenizer</pre>
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TokenizerBenchmark {
  @Param({"tiny", "sd-1.4"})
  public String model;

  private ClipTokenizer tokenizer;

  @Setup
  public void setUp() {
    try (BenchedModel benched = BenchedModel.load(model)) {
      tokenizer = benched.model().tokenizer();
    }
  }

  @Benchmark
  public int[] encode() {
    return tokenizer.encodePadded(BenchedModel.PROMPT);
  }
}
