package lethe.demo;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import lethe.attack.judge.ConceptJudge;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.report.demo.DemoFindings;
import lethe.report.demo.DemoModel;
import lethe.report.demo.DemoPhase;
import lethe.tensor.Runtime;

/**
 * Every method on one small model: what it draws before and after it forgets, what its attention shows, and whether an
 * attack brings the concept back.
 *
 * <p>Two lanes run side by side, each on one core: AdvUnlearn on one, the original and Forget-Me-Not on the other. What
 * they find depends on the settings alone, not on how the lanes share the time.
 */
public final class Demo {
  private Demo() {}

  /**
   * Runs the demo. Reads the checkpoint, the concept's images, and nothing else; writes nothing.
   *
   * @param judge knows the erased and the retained concepts; asked from several threads
   * @param judgeName who that is, for readers
   * @param version Lethe's
   * @param out where the page will be, for the commands that it shows
   * @throws java.util.concurrent.CancellationException if the listener ends it
   * @throws lethe.error.UserException if the checkpoint or the images are unusable
   */
  public static DemoFindings run(
      DemoSettings settings, ConceptJudge judge, String judgeName, String version, Path out, DemoListener listener) {
    long start = System.nanoTime();
    long cpuStart = cpuNanos();
    ModelDemo demo = new ModelDemo(settings, judge);
    Recorder recorder = new Recorder(listener);
    List<Function<Lane, List<DemoModel>>> jobs =
        List.of(
            lane -> List.of(demo.original(lane), demo.forgetMeNot(lane)), lane -> List.of(demo.advUnlearn(lane)));
    List<DemoModel> models = Lanes.run(jobs, recorder).stream().flatMap(List::stream).toList();
    return new DemoFindings(
        settings.concept(),
        settings.retainPrompts(),
        judgeName,
        models,
        recorder.phases(),
        new DemoCommands(settings, out).all(),
        DemoCommands.settings(settings),
        facts(settings, version),
        (System.nanoTime() - start) / 1e9,
        (cpuNanos() - cpuStart) / 1e9);
  }

  private static Map<String, Object> facts(DemoSettings settings, String version) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("lethe", version);
    facts.put("libtorch", Runtime.libtorchVersion());
    facts.put("java", System.getProperty("java.runtime.version"));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("cores", java.lang.Runtime.getRuntime().availableProcessors());
    facts.put("kernels", Provider.report());
    facts.put("model", settings.model().toString());
    facts.put("model_sha256", Checkpoint.open(settings.model()).hashes());
    return facts;
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Keeps the phases that ended, and passes everything on. */
  private static final class Recorder implements DemoListener {
    private final DemoListener listener;
    private final List<DemoPhase> phases = new ArrayList<>();

    Recorder(DemoListener listener) {
      this.listener = listener;
    }

    @Override
    public void progress(int lane, String work, long done, long total) {
      listener.progress(lane, work, done, total);
    }

    @Override
    public synchronized void ended(DemoPhase phase) {
      phases.add(phase);
      listener.ended(phase);
    }

    @Override
    public boolean cancelled() {
      return listener.cancelled();
    }

    synchronized List<DemoPhase> phases() {
      return List.copyOf(phases);
    }
  }
}
