package lethe.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** A small network with what the UNet has: a residual stream, a skip connection, a context shared by two kernels. */
class CutTapeTest {
  private static final double TOLERANCE = 1e-12;

  private interface Kernel {
    Tensor apply(Tensor a, Tensor b);
  }

  private interface Cutter {
    Tensor cut(Tensor x);
  }

  /** The "kernel": tanh(a b), with the gradient worked out by hand. */
  private static Tensor taped(CutTape tape, Tensor a, Tensor b) {
    Tensor av = a.detach();
    Tensor bv = b.detach();
    Tensor y = torch.tanh(av.matmul(bv));
    tape.record(
        new Tensor[] {a, b},
        new Tensor[] {y},
        new Tensor[] {av, bv},
        gradients -> {
          Tensor inner = gradients[0].mul(y.detach().square().neg().add(new Scalar(1)));
          return new Tensor[] {inner.matmul(bv.t()), av.t().matmul(inner)};
        });
    return y;
  }

  private static Tensor network(Tensor[] w, Tensor input, Tensor context, Kernel kernel, Cutter cutter) {
    Tensor shared = cutter.cut(context.matmul(w[4]));
    Tensor x = cutter.cut(input.matmul(w[0]));
    Tensor skip = x;
    x = cutter.cut(x.add(kernel.apply(x.matmul(w[1]), shared)));
    x = cutter.cut(x.add(kernel.apply(torch.sin(x).matmul(w[2]), shared)));
    x = torch.cat(new TensorVector(x, skip), 1).matmul(w[3]);
    return x.square().sum();
  }

  private static Tensor[] weights() {
    torch.manual_seed(7);
    Tensor[] w = new Tensor[5];
    long[][] shapes = {{4, 4}, {4, 4}, {4, 4}, {8, 3}, {4, 4}};
    for (int i = 0; i < w.length; i++) {
      w[i] = torch.randn(shapes[i]).to(torch.ScalarType.Double).set_requires_grad(true);
    }
    return w;
  }

  private static Tensor random(long rows) {
    return torch.randn(rows, 4).to(torch.ScalarType.Double);
  }

  @Test
  void gradientsEqualLibTorchs() {
    try (Scope scope = new Scope();
        CutTape tape = new CutTape()) {
      Tensor[] w = weights();
      Tensor input = random(5);
      Tensor context = random(4);
      network(w, input, context, (a, b) -> torch.tanh(a.matmul(b)), x -> x).backward();
      Tensor[] expected = new Tensor[w.length];
      for (int i = 0; i < w.length; i++) {
        expected[i] = w[i].grad().clone();
        w[i].mutable_grad().zero_();
      }
      tape.backward(network(w, input, context, (a, b) -> taped(tape, a, b), tape::cut));
      for (int i = 0; i < w.length; i++) {
        double difference = w[i].grad().sub(expected[i]).abs().max().item_double();
        double size = expected[i].abs().max().item_double();
        assertTrue(size > 1e-3, "gradient " + i + " is worth comparing");
        assertEquals(0, difference / size, TOLERANCE, "gradient " + i);
      }
    }
  }

  @Test
  void frozenTensorsAreNotCut() {
    try (Scope scope = new Scope();
        CutTape tape = new CutTape()) {
      Tensor frozen = random(2);
      assertSame(frozen, tape.cut(frozen));
      Tensor y = taped(tape, frozen, random(4));
      assertFalse(y.requires_grad());
    }
  }

  @Test
  void outputsThatNothingDependsOnGiveNoGradient() {
    try (Scope scope = new Scope();
        CutTape tape = new CutTape()) {
      Tensor w = random(4).set_requires_grad(true);
      Tensor used = random(4).set_requires_grad(true);
      taped(tape, random(4).matmul(w), random(4));
      tape.backward(tape.cut(used.mul(new Scalar(2))).sum());
      assertFalse(w.grad().defined());
      assertEquals(2.0, used.grad().mean().item_double(), TOLERANCE);
    }
  }

  @Test
  void releasesWhatItRecorded() {
    Tensor leaf;
    try (CutTape tape = new CutTape()) {
      try (Scope scope = new Scope()) {
        leaf = tape.cut(random(4).set_requires_grad(true).mul(new Scalar(2)));
      }
      assertFalse(leaf.isNull(), "the tape keeps its cuts beyond the scope");
    }
    assertTrue(leaf.isNull());
  }
}
