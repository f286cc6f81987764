package lethe.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Owns every native object created on this thread between its construction and {@link #close()}: one scope per step.
 *
 * <p>A LibTorch tensor is a few bytes to the garbage collector and gigabytes to the machine, so nothing here is left to
 * the collector. What must outlive the scope is handed to the enclosing one with {@link #keep}, or taken out of all
 * scopes with {@link #own}.
 */
public final class Scope implements AutoCloseable {
  // Evaluated in this order: the enclosing scope is the innermost one before ours opens.
  private final PointerScope enclosing = PointerScope.getInnerScope();
  private final PointerScope pointers = new PointerScope();

  /** Hands {@code pointer} to the enclosing scope, or to the caller if there is none, and returns it. */
  public <P extends Pointer> P keep(P pointer) {
    if (enclosing == null) {
      return own(pointer);
    }
    enclosing.attach(pointer);
    return pointer;
  }

  /** Makes the caller an owner of {@code pointer}: it lives until the caller closes it, whatever scopes end before. */
  public static <P extends Pointer> P own(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  @Override
  public void close() {
    pointers.close();
  }
}
