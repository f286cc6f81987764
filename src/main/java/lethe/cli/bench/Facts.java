package lethe.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lethe.cli.doctor.Host;
import lethe.gate.Surroundings;

/** What a reader of results needs to trust them: the machine, its ceilings, the software and its flags. */
public final class Facts {
  private static final List<String> VARIABLES =
      List.of("OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY", "OMP_PROC_BIND", "GLIBC_TUNABLES", "LD_PRELOAD");

  private Facts() {}

  /** Asks the machine, and a JVM of the build, which measures the machine's ceilings: about four seconds. */
  public static Surroundings of(Jmh jmh) throws IOException, InterruptedException {
    Map<String, Object> host = new LinkedHashMap<>();
    Host.machine(host);
    Map<String, String> facts = new LinkedHashMap<>();
    host.forEach((name, value) -> facts.put(name, String.valueOf(value)));
    facts.put("load_average", String.valueOf(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    facts.put("threads", String.valueOf(jmh.threads()));
    new ObjectMapper().readTree(jmh.machineReport()).properties()
        .forEach(fact -> facts.put(fact.getKey(), fact.getValue().asText()));
    facts.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    facts.put("jvm_flags", String.join(" ", Jmh.flags()));
    for (String variable : VARIABLES) {
      Optional.ofNullable(System.getenv(variable)).ifPresent(value -> facts.put(variable, value));
    }
    Git git = new Git(jmh.build().home());
    Optional<String> commit = git.commit();
    facts.put("commit", commit.orElse("unknown"));
    if (commit.isPresent()) {
      facts.put("dirty", String.valueOf(git.isDirty()));
    }
    facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return new Surroundings(facts);
  }
}
