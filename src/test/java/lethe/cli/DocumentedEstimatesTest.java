package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of docs/performance.md are what their commands print. */
class DocumentedEstimatesTest {
  private static final Path PAGE = Path.of("docs/performance.md");
  private static final Pattern COMMAND_AND_TABLE =
      Pattern.compile("```sh\\n\\./lethe (profile --estimate .*)\\n```\\n\\n```text\\n([^`]*)```\\n");

  static Stream<Arguments> tables() throws IOException {
    return COMMAND_AND_TABLE
        .matcher(Files.readString(PAGE))
        .results()
        .map(DocumentedEstimatesTest::commandAndTable);
  }

  private static Arguments commandAndTable(MatchResult found) {
    return Arguments.of(found.group(1), found.group(2));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void isWhatTheCommandPrints(String command, String table) {
    Capture capture = new Capture();
    assertEquals(ExitCode.OK, new Main(Commands.ALL, capture.terminal(false)).run(command.split(" ")), capture.err());
    assertTrue(capture.out().startsWith(table), capture.out());
  }

  @Test
  void bothMethodsAreThere() throws IOException {
    assertEquals(2, tables().filter(table -> table.get()[0].toString().contains("forget-me-not")).count());
    assertEquals(3, tables().filter(table -> table.get()[0].toString().contains("advunlearn")).count());
  }
}
