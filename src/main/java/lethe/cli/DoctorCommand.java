package lethe.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import lethe.cli.doctor.Doctor;
import lethe.cli.doctor.Section;

/** {@code lethe doctor}: what this machine offers, and what is missing. */
final class DoctorCommand implements Command {
  private static final int NAME_WIDTH = 28;
  private static final String BYTES = "_bytes";

  private final Supplier<List<Section>> doctor;

  DoctorCommand() {
    this(Doctor::examine);
  }

  DoctorCommand(Supplier<List<Section>> doctor) {
    this.doctor = doctor;
  }

  @Override
  public Syntax syntax() {
    return new Syntax().flags("Options", Syntax.JSON).example("./lethe doctor");
  }

  /** Fails if a part that every run needs does not work. */
  @Override
  public int run(Arguments arguments, Terminal terminal) {
    List<Section> sections = doctor.get();
    if (arguments.get(Syntax.JSON)) {
      terminal.print(Json.of(json(sections)));
    } else {
      sections.forEach(section -> print(section, terminal));
    }
    return sections.stream().allMatch(section -> section.problem() == null) ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Map<String, Object> json(List<Section> sections) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("lethe", Version.get());
    for (Section section : sections) {
      Map<String, Object> facts = new LinkedHashMap<>(section.facts());
      if (section.problem() != null) {
        facts.put("problem", section.problem());
      }
      all.put(section.name(), facts);
    }
    return all;
  }

  private static void print(Section section, Terminal terminal) {
    terminal.print(section.name());
    section.facts().forEach((name, value) -> {
      boolean size = name.endsWith(BYTES);
      String label = size ? name.substring(0, name.length() - BYTES.length()) : name;
      printFact(label.replace('_', ' '), size ? Sizes.text((Long) value) : value, terminal);
    });
    if (section.problem() != null) {
      printFact("PROBLEM", section.problem(), terminal);
    }
  }

  /** Lists and maps take a line for every element. */
  private static void printFact(String name, Object value, Terminal terminal) {
    if (value instanceof Map<?, ?> map) {
      List<String> lines = map.entrySet().stream().map(e -> e.getKey() + " = " + shown(e.getValue())).toList();
      printFact(name, lines, terminal);
    } else if (value instanceof List<?> list) {
      String label = name;
      for (Object element : list.isEmpty() ? List.of("none") : list) {
        printFact(label, element, terminal);
        label = "";
      }
    } else {
      terminal.print(("  " + name + " ".repeat(NAME_WIDTH)).substring(0, NAME_WIDTH) + "  " + shown(value));
    }
  }

  private static String shown(Object value) {
    if (value == null) {
      return "not set";
    }
    return value instanceof Boolean yes ? yes ? "yes" : "no" : value.toString();
  }
}
