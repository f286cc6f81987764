package lethe.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
  @TempDir Path folder;

  private JsonObject read(String json) throws IOException {
    return JsonObject.read(Files.writeString(folder.resolve("f.json"), json), "mend it");
  }

  private void assertWrong(String expected, Executable reading) {
    assertEquals(folder.resolve("f.json") + ": " + expected, assertThrows(UserException.class, reading).getMessage());
  }

  @Test
  void readsWhatIsThere() throws IOException {
    JsonObject json = read("""
        {"text": "a", "int": 3, "long": 5000000000, "number": 0.5, "texts": ["x", "y"],
         "objects": [{"a": 1}], "null": null}
        """);
    assertEquals("a", json.text("text"));
    assertEquals(3, json.integer("int"));
    assertEquals(5_000_000_000L, json.longInteger("long"));
    assertEquals(0.5, json.number("number"));
    assertEquals(List.of("x", "y"), json.texts("texts"));
    assertEquals(1, json.objects("objects").get(0).integer("a"));
    assertEquals(List.of("text", "int", "long", "number", "texts", "objects", "null"), json.keys());
    assertEquals(false, json.has("null"));
  }

  @Test
  void whatIsWrongIsNamedByItsPlace() throws IOException {
    JsonObject json = read("{\"a\": {\"b\": [{}, {\"c\": 1.5, \"d\": [1]}]}}");
    JsonObject inner = json.object("a").objects("b").get(1);
    assertWrong("a.b[1].c is not a whole number; mend it", () -> inner.integer("c"));
    assertWrong("a.b[1].c is not a text; mend it", () -> inner.text("c"));
    assertWrong("a.b[1].d holds something other than texts; mend it", () -> inner.texts("d"));
    assertWrong("a.b[1].d holds something other than objects; mend it", () -> inner.objects("d"));
    assertWrong("a.b[1].d is not a number; mend it", () -> inner.number("d"));
    assertWrong("a.b[1].e is missing; mend it", () -> inner.text("e"));
    assertWrong("a.b[1].d is not known; expected c; mend it", () -> inner.only("c"));
    assertWrong("a is not a list; mend it", () -> json.objects("a"));
    assertWrong("a.b is not an object; mend it", () -> json.object("a").object("b"));
    assertWrong("a.b[1].c is not a whole number; mend it", () -> inner.longInteger("c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\": 1, \n", "{\"a\": 1} 2", "{\"a\": 1, \"a\": 2}", "nonsense"})
  void damagedFilesAreOneLine(String json) {
    String message = assertThrows(UserException.class, () -> read(json)).getMessage();
    assertEquals(message, message.lines().findFirst().orElseThrow());
    assertEquals(true, message.endsWith("is not JSON; mend it"), message);
  }

  @Test
  void whatIsNoObjectIsRefused() {
    assertWrong("is not a JSON object; mend it", () -> read("[]"));
    assertWrong("is not a JSON object; mend it", () -> read(""));
    assertEquals(
        folder.resolve("none") + ": no such file; mend it",
        assertThrows(UserException.class, () -> JsonObject.read(folder.resolve("none"), "mend it")).getMessage());
  }
}
