package lethe.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.tensor.CudaRequirements;
import org.bytedeco.pytorch.global.torch;

/** Whether LibTorch could compute on a GPU, and what exactly it lacks. */
final class Cuda {
  private Cuda() {}

  static void collect(Map<String, Object> facts) {
    // LibTorch is asked last: where it does not load, all else is known by then.
    facts.put("usable", false);
    CudaRequirements requirements = CudaRequirements.ofThisMachine();
    Map<String, Object> found = new LinkedHashMap<>();
    requirements.found().forEach((name, path) -> found.put(name, path.toString()));
    facts.put("driver", requirements.driver().orElse("none"));
    facts.put("found", found);
    facts.put("missing", requirements.missing());
    facts.put("usable", torch.cuda_is_available());
  }
}
