package lethe.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A network's way from its files to its device. */
@Name("lethe.ModelLoad")
@Label("Model Load")
@Category("Lethe")
@StackTrace(false)
public final class ModelLoadEvent extends Event {
  @Label("Component")
  public String component;

  @Label("Parameters")
  public long parameters;

  @Label("Bytes")
  @DataAmount
  public long bytes;

  @Label("Device")
  public String device;
}
