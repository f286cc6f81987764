package lethe.autograd;

import java.util.ArrayList;
import java.util.List;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Gradients through kernels that LibTorch's autograd does not know.
 *
 * <p>LibTorch's presets offer no way to add an autograd function from Java, so the graph is cut instead. In the forward
 * pass a kernel runs on detached tensors and its outputs become new leaves; the tape records (inputs, leaves,
 * vector-Jacobian product). In the backward pass the loss is differentiated up to the leaves, then the cuts are walked
 * in reverse: the gradients of a cut's leaves go through its vector-Jacobian product and from there into the graph
 * behind its inputs, in one joint call.
 *
 * <p>No graph node may be walked twice, so every path into a kernel's inputs must itself pass a cut: {@link #cut} makes
 * one of any tensor that is used both before and behind a kernel (residual streams, skip connections, shared
 * embeddings). Each cut is released as soon as it has been walked, which frees the graph segment by segment.
 *
 * <p>The tape owns what it records. It serves one forward and at most one backward pass on one thread; {@link #close}
 * frees what a backward pass has not.
 */
public final class CutTape implements AutoCloseable {
  private static final Tensor[] NOTHING_SAVED = {};

  private final List<Cut> cuts = new ArrayList<>();

  /** The product of a cut's Jacobian, transposed, with the gradients of its outputs. */
  @FunctionalInterface
  public interface VectorJacobianProduct {
    /**
     * @param outputGradients one per output, null where nothing depends on that output
     * @return one gradient per input, null where there is none; owned by the current scope
     */
    Tensor[] apply(Tensor[] outputGradients);
  }

  /**
   * A new leaf with the value of {@code x}, owned by the current scope; {@code x} itself if it needs no gradient.
   */
  public Tensor cut(Tensor x) {
    if (!x.requires_grad()) {
      return x;
    }
    Tensor leaf = x.detach();
    record(new Tensor[] {x}, new Tensor[] {leaf}, NOTHING_SAVED, outputGradients -> outputGradients);
    return leaf;
  }

  /**
   * Records a kernel that computed {@code outputs} from {@code inputs} outside autograd. If any input needs a gradient,
   * the outputs become leaves that need one.
   *
   * @param inputs the tensors as autograd knows them, not detached
   * @param outputs fresh tensors without history
   * @param saved what {@code product} needs: the tape keeps them alive until it has called it
   */
  public void record(Tensor[] inputs, Tensor[] outputs, Tensor[] saved, VectorJacobianProduct product) {
    boolean needed = false;
    for (Tensor input : inputs) {
      needed |= input.requires_grad();
    }
    if (!needed) {
      return;
    }
    for (Tensor output : outputs) {
      output.set_requires_grad(true);
    }
    cuts.add(new Cut(inputs, outputs, saved, product));
  }

  /**
   * Accumulates the gradients of the scalar {@code loss} into every leaf that needs one, as {@code loss.backward()}
   * does without cuts.
   */
  public void backward(Tensor loss) {
    if (loss.requires_grad()) {
      loss.backward();
    }
    while (!cuts.isEmpty()) {
      try (Cut cut = cuts.remove(cuts.size() - 1)) {
        cut.backward();
      }
    }
  }

  @Override
  public void close() {
    cuts.forEach(Cut::close);
    cuts.clear();
  }

  private static final class Cut implements AutoCloseable {
    private final Tensor[] inputs;
    private final Tensor[] outputs;
    private final VectorJacobianProduct product;
    private final List<Tensor> owned = new ArrayList<>();

    Cut(Tensor[] inputs, Tensor[] outputs, Tensor[] saved, VectorJacobianProduct product) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.product = product;
      for (Tensor[] tensors : new Tensor[][] {inputs, outputs, saved}) {
        for (Tensor tensor : tensors) {
          owned.add(Scope.own(tensor));
        }
      }
    }

    void backward() {
      try (Scope scope = new Scope()) {
        Tensor[] outputGradients = new Tensor[outputs.length];
        boolean reached = false;
        for (int i = 0; i < outputs.length; i++) {
          Tensor gradient = outputs[i].grad();
          if (gradient.defined()) {
            outputGradients[i] = gradient;
            reached = true;
          }
        }
        if (!reached) {
          return;
        }
        Tensor[] inputGradients = product.apply(outputGradients);
        TensorVector roots = new TensorVector();
        TensorVector gradients = new TensorVector();
        for (int i = 0; i < inputs.length; i++) {
          if (inputGradients[i] != null && inputs[i].requires_grad()) {
            roots.push_back(inputs[i]);
            gradients.push_back(inputGradients[i]);
          }
        }
        if (!roots.empty()) {
          torch.backward(roots, gradients, new BoolOptional(), false, new TensorVector());
        }
      }
    }

    @Override
    public void close() {
      owned.forEach(Tensor::releaseReference);
    }
  }
}
