package lethe.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import lethe.tensor.Threads;

/**
 * Threads that each take a share of a step. Two small networks on two cores take half the time, while two threads inside
 * one small operation take nearly as long as one. A single worker is the caller's own thread.
 */
public final class Workers implements AutoCloseable {
  private final int count;
  private final ExecutorService pool;

  /** Each computes with as many threads inside an operation as the calling thread does. */
  public Workers(int count) {
    this.count = count;
    int threads = Threads.get();
    pool =
        count == 1
            ? null
            : Executors.newFixedThreadPool(
                count,
                work ->
                    new Thread(
                        () -> {
                          Threads.set(threads);
                          work.run();
                        }));
  }

  public int count() {
    return count;
  }

  /**
   * The sum of what the shares give, always in the same order. Waits for all of them.
   *
   * @param share from a worker's number on; opens a scope of its own
   * @throws RuntimeException the first share's that fails
   */
  public double sum(IntToDoubleFunction share) {
    if (pool == null) {
      return share.applyAsDouble(0);
    }
    List<Callable<Double>> shares = new ArrayList<>();
    for (int worker = 0; worker < count; worker++) {
      int number = worker;
      shares.add(() -> share.applyAsDouble(number));
    }
    try {
      double sum = 0;
      for (Future<Double> done : pool.invokeAll(shares)) {
        sum += done.get();
      }
      return sum;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException();
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
