package lethe.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The parameters, moments and step count of AdamW; what a step computes is left to the provider's class. */
abstract class AdamWState implements Optimizer {
  AdamWSettings settings;
  final List<Tensor> parameters;
  final List<Tensor> masters = new ArrayList<>();
  final List<Tensor> expAvg = new ArrayList<>();
  final List<Tensor> expAvgSq = new ArrayList<>();
  private final String provider;
  private final List<Tensor> owned = new ArrayList<>();
  private long steps;

  /** @param provider who computes, as profiles say it */
  AdamWState(String provider, List<Tensor> parameters, AdamWSettings settings) {
    this.provider = provider;
    this.parameters = List.copyOf(parameters);
    this.settings = settings;
    this.parameters.forEach(this::require);
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      for (Tensor parameter : this.parameters) {
        Tensor master = narrow() ? own(parameter.detach().to(DType.F32.scalarType())) : parameter;
        masters.add(master);
        expAvg.add(own(torch.zeros_like(master)));
        expAvgSq.add(own(torch.zeros_like(master)));
      }
    }
  }

  /**
   * Updates masters, moments and, where they are not the masters, parameters.
   *
   * @param step from 1
   * @param gradients of the parameters' type and shape, null where there is none
   * @return the norm, as of {@link #step()}
   */
  abstract double update(long step, List<Tensor> gradients);

  /** Whether the parameters are bfloat16, copies of the masters. */
  final boolean narrow() {
    return !parameters.isEmpty() && DType.of(parameters.get(0).scalar_type()) == DType.BF16;
  }

  @Override
  public final double step() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      List<Tensor> gradients = new ArrayList<>();
      for (Tensor parameter : parameters) {
        Tensor gradient = parameter.grad();
        gradients.add(gradient.defined() ? gradient : null);
      }
      KernelEvent event = new KernelEvent();
      event.begin();
      double norm = update(steps + 1, gradients);
      event.end();
      if (event.shouldCommit()) {
        record(event, gradients);
      }
      steps++;
      return norm;
    }
  }

  private void record(KernelEvent event, List<Tensor> gradients) {
    // Parameters that got no gradient are left alone; what lies behind the last scored layer gets none.
    List<Tensor> updated = gradients.stream().filter(Objects::nonNull).toList();
    if (!updated.isEmpty()) {
      Traced.describe(event, "adamw", provider, updated.get(0))
          .costs(Work.adamW(updated.stream().mapToLong(Tensor::numel).sum()));
      event.shapes = updated.size() + " tensors";
      event.commit();
    }
  }

  @Override
  public final void setLearningRate(double rate) {
    settings = settings.withLearningRate(rate);
  }

  @Override
  public final void zeroGradients() {
    for (Tensor parameter : parameters) {
      parameter.mutable_grad().reset();
    }
  }

  @Override
  public final State state() {
    return new State(
        steps,
        Collections.unmodifiableList(expAvg),
        Collections.unmodifiableList(expAvgSq),
        Collections.unmodifiableList(masters));
  }

  @Override
  public final void restore(State state) {
    if (state.steps() < 0) {
      throw new IllegalArgumentException("AdamW: a state of " + state.steps() + " steps");
    }
    try (NoGradGuard noGrad = new NoGradGuard()) {
      copy("expAvg", state.expAvg(), expAvg);
      copy("expAvgSq", state.expAvgSq(), expAvgSq);
      copy("masters", state.masters(), masters);
      if (narrow()) {
        copy("masters", masters, parameters);
      }
    }
    steps = state.steps();
  }

  @Override
  public final void close() {
    owned.forEach(Tensor::releaseReference);
    owned.clear();
  }

  private static void copy(String name, List<Tensor> from, List<Tensor> to) {
    if (from.size() != to.size()) {
      throw new IllegalArgumentException("AdamW: " + name + " has " + from.size() + " tensors, not " + to.size());
    }
    for (int i = 0; i < to.size(); i++) {
      if (!to.get(i).is_same_size(from.get(i))) {
        throw new IllegalArgumentException("AdamW: " + name + "[" + i + "] has another shape than its parameter");
      }
    }
    for (int i = 0; i < to.size(); i++) {
      to.get(i).copy_(from.get(i));
    }
  }

  private Tensor own(Tensor tensor) {
    owned.add(Scope.own(tensor));
    return tensor;
  }

  private void require(Tensor parameter) {
    torch.ScalarType type = parameter.scalar_type().intern();
    boolean takes = type == (narrow() ? DType.BF16 : DType.F32).scalarType();
    if (!takes || !parameter.is_contiguous()) {
      throw new IllegalArgumentException(
          "AdamW: parameters must be contiguous, and all fp32 or all bf16, got " + type);
    }
  }
}
