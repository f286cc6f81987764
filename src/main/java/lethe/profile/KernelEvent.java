package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One operation on tensors: {@code begin()}, compute, {@code end()}, then fill and commit if {@code shouldCommit()}. */
@Name("lethe.Kernel")
@Label("Kernel")
@Category("Lethe")
@StackTrace(false)
public final class KernelEvent extends Event {
  @Label("Operation")
  public String operation;

  @Label("Provider")
  @Description("Who computes: LibTorch, or a kernel of native/")
  public String provider;

  @Label("Shapes")
  public String shapes;

  @Label("Element Type")
  public String dtype;

  @Label("Floating-Point Operations")
  @Description("A multiplication and the addition of its product are two")
  public long flops;

  @Label("Bytes")
  @Description("Inputs read once and outputs written once: the least that any implementation moves")
  @DataAmount
  public long bytes;

  @Label("Floating-Point Operations of Autograd")
  @Description("What LibTorch's autograd spends on this operation in the backward pass, if one comes")
  public long backwardFlops;

  @Label("Bytes of Autograd")
  @DataAmount
  public long backwardBytes;

  /** What the operation costs. */
  public KernelEvent costs(Work work) {
    flops = work.flops();
    bytes = work.bytes();
    return this;
  }

  /** What autograd will spend on it later. */
  public KernelEvent costsLater(Work work) {
    backwardFlops = work.flops();
    backwardBytes = work.bytes();
    return this;
  }
}
