package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.cli.doctor.Section;
import lethe.kernel.Provider;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  private final Capture capture = new Capture();

  private int run(DoctorCommand command, String... options) throws Exception {
    Arguments arguments = new ArgumentParser(command.syntax()).parse(List.of(options));
    return command.run(arguments, capture.terminal(false));
  }

  @Test
  void reportsWhatLibtorchSays() throws Exception {
    assertEquals(ExitCode.OK, run(new DoctorCommand(), "--json"));
    JsonNode report = new ObjectMapper().readTree(capture.out());
    assertEquals(Version.get(), report.get("lethe").textValue());
    assertEquals(System.getProperty("java.home"), report.at("/jdk/home").textValue());
    JsonNode libtorch = report.get("libtorch");
    assertTrue(torch.show_config().getString().contains("TORCH_VERSION=" + libtorch.get("version").textValue() + ","));
    assertEquals(torch.get_num_threads(), libtorch.get("threads").intValue());
    assertTrue(libtorch.get("blas").textValue().contains("libopenblas"), libtorch.get("blas").textValue());
    assertTrue(libtorch.get("loaded").toString().contains("libtorch_cpu.so"), libtorch.get("loaded").toString());
    assertTrue(report.at("/cache/size_bytes").longValue() > 100_000_000, report.get("cache").toString());
  }

  @Test
  void namesTheKernelProvider() throws Exception {
    run(new DoctorCommand(), "--json");
    JsonNode kernels = new ObjectMapper().readTree(capture.out()).get("kernels");
    assertEquals(Provider.choose().toString(), kernels.get("provider").textValue());
    assertEquals(Provider.report(), kernels.get("choice").textValue());
    boolean listed = kernels.get("loaded").toString().contains("liblethe_kernels");
    assertEquals(Provider.choose() == Provider.NATIVE, listed, kernels.toString());
  }

  @Test
  void saysWhatCudaLacks() throws Exception {
    run(new DoctorCommand(), "--json");
    JsonNode cuda = new ObjectMapper().readTree(capture.out()).get("cuda");
    assertEquals(torch.cuda_is_available(), cuda.get("usable").booleanValue());
    // The tests run on LibTorch's CPU build, which the GPU's libraries would not help.
    assertEquals("CPU", new ObjectMapper().readTree(capture.out()).at("/libtorch/build").textValue());
    assertTrue(cuda.get("missing").get(0).textValue().startsWith("LibTorch's GPU build"), cuda.toString());
  }

  @Test
  void printsOneFactToALine() throws Exception {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("usable", false);
    facts.put("size_bytes", 585_000_000L);
    facts.put("missing", List.of("a", "b"));
    facts.put("environment", new LinkedHashMap<>(Map.of("OMP_NUM_THREADS", 2)));
    facts.put("found", List.of());
    Section section = new Section("cuda", facts, "no driver");
    assertEquals(ExitCode.FAILED, run(new DoctorCommand(() -> List.of(section))));
    assertEquals(
        List.of(
            "cuda",
            "  usable                      no",
            "  size                        585 MB",
            "  missing                     a",
            "                              b",
            "  environment                 OMP_NUM_THREADS = 2",
            "  found                       none",
            "  PROBLEM                     no driver"),
        capture.out().lines().toList());
  }
}
