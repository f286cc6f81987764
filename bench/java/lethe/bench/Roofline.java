package lethe.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A JMH profiler ({@code -prof lethe.bench.Roofline}) that adds to each result how near it comes to the machine's
 * ceilings. It measures these in the benchmark's own JVM before anything else runs there, and takes the size of the task
 * from {@link Work#perCall}. Its numbers are secondary results, so they are part of JMH's JSON.
 */
public final class Roofline implements InternalProfiler {
  static final String GFLOPS = "gflops";
  static final String GBPS = "gbps";
  static final String FRACTION = "fraction";
  static final String CEILING_GBPS = "ceiling.gbps";
  static final String CEILING_GFLOPS_F32 = "ceiling.gflops.fp32";
  static final String CEILING_GFLOPS_BF16 = "ceiling.gflops.bf16";
  static final String THREADS = "threads";

  private MachineCeilings ceilings;

  @Override
  public String getDescription() {
    return "GFLOP/s, GB/s and the fraction of this machine's ceilings";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (ceilings == null) {
      ceilings = MachineCeilings.measure();
    }
  }

  @Override
  @SuppressWarnings("rawtypes") // as JMH declares it
  public Collection<? extends Result> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    List<ScalarResult> results = new ArrayList<>();
    results.add(scalar(CEILING_GBPS, ceilings.gbps(), "GB/s"));
    results.add(scalar(CEILING_GFLOPS_F32, ceilings.gflopsF32(), "GFLOP/s"));
    results.add(scalar(CEILING_GFLOPS_BF16, ceilings.gflopsBf16(), "GFLOP/s"));
    results.add(scalar(THREADS, ceilings.threads(), "threads"));
    Work work = Work.current();
    if (work != null) {
      double seconds = secondsPerCall(benchmark, result);
      results.add(scalar(GFLOPS, work.flops() / seconds / 1e9, "GFLOP/s"));
      results.add(scalar(GBPS, work.bytes() / seconds / 1e9, "GB/s"));
      results.add(scalar(FRACTION, work.fraction(ceilings, seconds), "of ceiling"));
    }
    return results;
  }

  private static double secondsPerCall(BenchmarkParams benchmark, IterationResult result) {
    if (benchmark.getMode() != Mode.AverageTime) {
      throw new IllegalStateException(benchmark.getBenchmark() + ": only Mode.AverageTime is a time per call");
    }
    double nanosPerUnit = TimeUnit.NANOSECONDS.convert(1, benchmark.getTimeUnit());
    return result.getPrimaryResult().getScore() * nanosPerUnit / 1e9;
  }

  private static ScalarResult scalar(String label, double value, String unit) {
    return new ScalarResult(label, value, unit, AggregationPolicy.AVG);
  }
}
