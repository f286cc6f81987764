package lethe.model.scheduler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** The latest tensors of a run, owned here: they outlive the scopes of the steps that made them. */
final class History implements AutoCloseable {
  private final int capacity;
  private final Deque<Tensor> newestFirst = new ArrayDeque<>();

  History(int capacity) {
    this.capacity = capacity;
  }

  /** Remembers {@code tensor} through a handle of its own, dropping the oldest one if there are too many. */
  void add(Tensor tensor) {
    newestFirst.addFirst(Scope.own(new Tensor(tensor)));
    if (newestFirst.size() > capacity) {
      newestFirst.removeLast().close();
    }
  }

  int size() {
    return newestFirst.size();
  }

  /** The tensor that was added {@code age} additions before the newest one. */
  Tensor get(int age) {
    Iterator<Tensor> tensors = newestFirst.iterator();
    for (int i = 0; i < age; i++) {
      tensors.next();
    }
    return tensors.next();
  }

  @Override
  public void close() {
    newestFirst.forEach(Tensor::close);
    newestFirst.clear();
  }
}
