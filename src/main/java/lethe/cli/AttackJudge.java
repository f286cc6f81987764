package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import lethe.attack.judge.ConceptJudge;
import lethe.attack.judge.ReferenceJudge;
import lethe.checkpoint.Checkpoint;
import lethe.error.UserException;
import lethe.evaluate.ClassifierJudge;

/**
 * The judge of an attack: the classifier that the user names, or else the nearest of the reference pictures. A
 * classifier knows the artwork of one data set only, so none is ever chosen unasked.
 */
record AttackJudge(ConceptJudge judge, Runnable closing) implements AutoCloseable {
  static AttackJudge of(Arguments arguments, Checkpoint checkpoint) {
    if (arguments.has(AttackFlags.JUDGE)) {
      if (arguments.has(AttackFlags.REFERENCES)) {
        throw UserException.usage("--judge and --references exclude each other: one of them judges");
      }
      ClassifierJudge judge = ClassifierJudge.load(arguments.get(AttackFlags.JUDGE));
      return new AttackJudge(judge, judge::close);
    }
    ReferenceJudge judge = ReferenceJudge.of(references(arguments, checkpoint));
    return new AttackJudge(judge, judge::close);
  }

  private static Path references(Arguments arguments, Checkpoint checkpoint) {
    Path own = checkpoint.path().resolve("reference");
    if (!arguments.has(AttackFlags.REFERENCES) && !Files.isDirectory(own)) {
      throw UserException.usage(
          checkpoint.path() + " has no reference folder; name reference pictures for the judge by --references DIR, or"
              + " a classifier by --judge DIR");
    }
    return arguments.find(AttackFlags.REFERENCES).orElse(own);
  }

  /** @throws UserException if the judge cannot tell whether a picture shows {@code concept} */
  void requireKnown(String concept) {
    if (!judge.concepts().contains(concept)) {
      throw UserException.usage(
          "the judge does not know \"" + concept + "\"" + Nearest.hint(concept, judge.concepts())
              + "; its name among the judge's concepts can be given by --judge-concept");
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
