package lethe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import lethe.kernel.Provider;
import lethe.tensor.Runtime;

/** Prints as JSON what only a process with LibTorch in it can say: {@code lethe bench} keeps it with the results. */
public final class MachineReport {
  private MachineReport() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("isa", Provider.report());
    facts.put("libtorch", Runtime.libtorchVersion());
    MachineCeilings ceilings = MachineCeilings.measure();
    facts.put("threads", String.valueOf(ceilings.threads()));
    facts.put("ceiling_gflops_fp32", rounded(ceilings.gflopsF32()));
    facts.put("ceiling_gflops_bf16", rounded(ceilings.gflopsBf16()));
    facts.put("ceiling_gbps", rounded(ceilings.gbps()));
    System.out.println(new ObjectMapper().writeValueAsString(facts));
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
