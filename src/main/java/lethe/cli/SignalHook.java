package lethe.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Runs code on a signal of the operating system.
 *
 * <p>{@code sun.misc.Signal} is part of every JDK (module jdk.unsupported) and the only way to a second Ctrl-C: a
 * shutdown hook sees the first alone, and from then on the JVM can only end. It is reached reflectively because javac
 * warns of each direct use and no option silences that.
 */
final class SignalHook implements AutoCloseable {
  private final Object signal;
  private final Object previous;

  /**
   * @param name without "SIG": {@code INT}
   * @param action runs on a thread of the JVM's own, once for every signal
   */
  SignalHook(String name, Runnable action) {
    try {
      signal = Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Class<?>[] interfaces = {handlerType};
      previous = install(Proxy.newProxyInstance(handlerType.getClassLoader(), interfaces, on(action)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM cannot handle SIG" + name + " (does it run with -Xrs?)", e);
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
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    return signal.getClass().getMethod("handle", signal.getClass(), handlerType).invoke(null, signal, handler);
  }

  /** The proxy's methods: the interface's one, and those of Object, which the JDK's signal table calls. */
  private static InvocationHandler on(Runnable action) {
    return (proxy, method, arguments) ->
        switch (method.getName()) {
          case "handle" -> {
            action.run();
            yield null;
          }
          case "equals" -> proxy == arguments[0];
          case "hashCode" -> System.identityHashCode(proxy);
          default -> "SignalHook";
        };
  }
}
