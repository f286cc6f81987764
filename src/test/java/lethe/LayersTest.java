package lethe;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the architecture: imports run downwards only, and LibTorch is touched where it belongs. */
class LayersTest {
  /** From top to bottom. Packages of one layer do not know each other. */
  private static final List<List<String>> LAYERS = List.of(
      List.of("cli"),
      List.of("demo"),
      List.of("report", "gate"),
      List.of("evaluate", "erase", "train"),
      List.of("attack"),
      List.of("model", "dataset"),
      List.of("image", "checkpoint", "text", "autograd", "json"),
      List.of("kernel"),
      List.of("tensor"),
      List.of("profile"),
      List.of("error"));

  private static final String[] MAY_TOUCH_LIBTORCH = {
    "lethe.tensor..", "lethe.kernel..", "lethe.autograd..", "lethe.checkpoint..", "lethe.image..", "lethe.model..",
    "lethe.attack..", "lethe.erase..", "lethe.evaluate..", "lethe.train..", "lethe.report..", "lethe.demo.."
  };

  private static final JavaClasses LETHE =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("lethe");

  @Test
  void everyClassLiesInALayer() {
    String[] all = LAYERS.stream().flatMap(List::stream).map(LayersTest::inside).toArray(String[]::new);
    classes().should().resideInAnyPackage(all).check(LETHE);
  }

  /** One test for every package that exists. */
  @TestFactory
  Stream<DynamicTest> importsRunDownwardsOnly() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < LAYERS.size(); i++) {
      List<String> below = LAYERS.subList(i + 1, LAYERS.size()).stream().flatMap(List::stream).toList();
      for (String name : LAYERS.get(i)) {
        if (LETHE.stream().anyMatch(resideInAPackage(inside(name)))) {
          tests.add(DynamicTest.dynamicTest(name, () -> importsOnly(name, below).check(LETHE)));
        }
      }
    }
    return tests.stream();
  }

  @Test
  void anImportThatIsNotAllowedIsFound() {
    assertThrows(AssertionError.class, () -> importsOnly("cli", List.of()).check(LETHE));
  }

  @Test
  void libtorchIsTouchedByItsLayersOnly() {
    noClasses().that().resideOutsideOfPackages(MAY_TOUCH_LIBTORCH).and(areNotTheDoctor())
        .should().dependOnClassesThat().resideInAPackage("org.bytedeco.pytorch..")
        .check(LETHE);
  }

  @Test
  void theCommandLineTouchesNativeCodeInTheDoctorOnly() {
    noClasses().that().resideInAPackage("lethe.cli..").and(areNotTheDoctor())
        .should().dependOnClassesThat().resideInAPackage("org.bytedeco..")
        .check(LETHE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("lethe.(**)").should().beFreeOfCycles().check(LETHE);
  }

  private static ArchRule importsOnly(String name, List<String> below) {
    String[] allowed =
        Stream.concat(Stream.of(name), below.stream()).map(LayersTest::inside).toArray(String[]::new);
    DescribedPredicate<JavaClass> ours = resideInAPackage("lethe..");
    return noClasses().that().resideInAPackage(inside(name))
        .should().dependOnClassesThat(ours.and(DescribedPredicate.not(resideInAnyPackage(allowed))));
  }

  private static DescribedPredicate<JavaClass> areNotTheDoctor() {
    return DescribedPredicate.not(resideInAPackage("lethe.cli.doctor.."));
  }

  private static String inside(String name) {
    return "lethe." + name + "..";
  }
}
