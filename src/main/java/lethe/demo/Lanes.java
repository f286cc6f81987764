package lethe.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import lethe.report.demo.DemoPhase;
import lethe.tensor.Threads;

/**
 * Jobs side by side, each on a thread of its own that uses one core: two small networks on two cores take half the
 * time, while two threads inside one small operation take as long as one.
 */
final class Lanes {
  private Lanes() {}

  /**
   * Runs all jobs, as many at once as there are cores.
   *
   * @return their results in their order
   * @throws CancellationException if the listener ends them
   * @throws RuntimeException the first job's that fails; the others end at their next step
   */
  static <T> List<T> run(List<Function<Lane, T>> jobs, DemoListener listener) {
    long start = System.nanoTime();
    AtomicBoolean failed = new AtomicBoolean();
    DemoListener untilOneFails = new UntilOneFails(listener, failed);
    int threads = Math.min(jobs.size(), Runtime.getRuntime().availableProcessors());
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < jobs.size(); i++) {
        Function<Lane, T> job = jobs.get(i);
        Lane lane = new Lane(i % threads, start, untilOneFails);
        futures.add(
            pool.submit(
                () -> {
                  Threads.set(1);
                  try {
                    return job.apply(lane);
                  } catch (RuntimeException | Error e) {
                    failed.set(true);
                    throw e;
                  }
                }));
      }
      return results(futures);
    } finally {
      pool.shutdown();
    }
  }

  /** Waits for all, so that no thread works on when this returns or throws. */
  private static <T> List<T> results(List<Future<T>> futures) {
    List<T> results = new ArrayList<>();
    Throwable failure = null;
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        boolean first = failure == null || failure instanceof CancellationException;
        failure = first ? e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException();
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
    return results;
  }

  /** One job's failure cancels the others. */
  private record UntilOneFails(DemoListener listener, AtomicBoolean failed) implements DemoListener {
    @Override
    public void progress(int lane, String work, long done, long total) {
      listener.progress(lane, work, done, total);
    }

    @Override
    public void ended(DemoPhase phase) {
      listener.ended(phase);
    }

    @Override
    public boolean cancelled() {
      return failed.get() || listener.cancelled();
    }
  }
}
