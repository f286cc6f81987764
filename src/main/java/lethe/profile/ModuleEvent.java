package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One pass through a module of a network. */
@Name("lethe.Module")
@Label("Module")
@Category("Lethe")
@StackTrace(false)
public final class ModuleEvent extends Event implements AutoCloseable {
  @Label("Module")
  public String module;

  /** @param module diffusers' name, with the component before it: {@code unet.down_blocks.0.resnets.1} */
  public static ModuleEvent of(String module) {
    ModuleEvent event = new ModuleEvent();
    event.module = module;
    event.begin();
    return event;
  }

  @Override
  public void close() {
    commit();
  }
}
