package lethe.cli;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * Runs code on a signal of the operating system.
 *
 * <p>{@code sun.misc.Signal} is part of every JDK (module jdk.unsupported) and the only way to a second Ctrl-C: a
 * shutdown hook sees the first alone, and from then on the JVM can only end. It is reached reflectively because javac
 * warns of each direct use and no option silences that.
 */
final class SignalHook implements AutoCloseable {
  private final Class<?> signalType;
  private final Class<?> handlerType;
  private final String name;
  private final Object signal;
  private final Object previous;

  /**
   * @param name without "SIG": {@code INT}
   * @param action gets this hook, on a thread of the JVM's own, once for every signal
   */
  SignalHook(String name, Consumer<SignalHook> action) {
    this.name = name;
    try {
      signalType = Class.forName("sun.misc.Signal");
      handlerType = Class.forName("sun.misc.SignalHandler");
      signal = signalType.getConstructor(String.class).newInstance(name);
      Class<?>[] interfaces = {handlerType};
      previous = install(Proxy.newProxyInstance(handlerType.getClassLoader(), interfaces, handler(action)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM cannot handle SIG" + name + " (does it run with -Xrs?)", e);
    }
  }

  /**
   * Ends the process by the signal itself, of which shells make the status 128 + its number.
   *
   * <p>{@link Runtime#halt} would be the JVM's way, but it runs the destructors of C++ libraries. LibTorch, when it is
   * in the middle of an operation on another thread, then crashes: the process aborts and leaves an hs_err file behind.
   */
  void die() {
    try {
      install(handlerType.getField("SIG_DFL").get(null));
      // The JDK raises no signal that it does not handle, and ProcessHandle refuses to end its own process.
      new ProcessBuilder("sh", "-c", "kill -" + name + " " + ProcessHandle.current().pid()).start().waitFor();
    } catch (ReflectiveOperationException | IOException | InterruptedException e) {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
  }

  /** Puts the handler back that was there before. */
  @Override
  public void close() {
    try {
      install(previous);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object install(Object handler) throws ReflectiveOperationException {
    return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
  }

  /** The proxy's methods: the interface's one, and those of Object, which the JDK's signal table calls. */
  private InvocationHandler handler(Consumer<SignalHook> action) {
    return (proxy, method, arguments) ->
        switch (method.getName()) {
          case "handle" -> {
            action.accept(this);
            yield null;
          }
          case "equals" -> proxy == arguments[0];
          case "hashCode" -> System.identityHashCode(proxy);
          default -> "SignalHook";
        };
  }
}
