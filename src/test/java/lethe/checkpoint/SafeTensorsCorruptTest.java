package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way a safetensors file can be broken leads to one line that names the file, the tensor and the mend. */
class SafeTensorsCorruptTest {
  private static final String GOOD = "\"good\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

  @TempDir Path folder;

  static Stream<Arguments> brokenHeaders() {
    return Stream.of(
        // header, bytes of data, what the message must say
        Arguments.of("", 0, "not a JSON object"),
        Arguments.of("{", 0, "not JSON"),
        Arguments.of("[]", 0, "not a JSON object"),
        Arguments.of("null", 0, "not a JSON object"),
        Arguments.of("{} {}", 0, "text after"),
        Arguments.of("{" + GOOD + "," + GOOD + "}", 8, "'good': its header names it twice"),
        Arguments.of(tensor("F32", "[2]", "[0,8],\"dtype\":\"F16\""), 8, "not JSON"),
        Arguments.of("{\"x\":5}", 0, "'x': its header entry"),
        Arguments.of("{\"x\":{}}", 0, "'x': its header entry"),
        Arguments.of("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "'x': its header entry"),
        Arguments.of(tensor("F8_E4M3", "[2]", "[0,2]"), 2, "'x': dtype 'F8_E4M3' is not supported"),
        Arguments.of(tensor("f32", "[2]", "[0,8]"), 8, "'x': dtype 'f32'"),
        Arguments.of(tensor("F32", "[-2]", "[0,8]"), 8, "'x': shape has '-2'"),
        Arguments.of(tensor("F32", "[2.0]", "[0,8]"), 8, "'x': shape has '2.0'"),
        Arguments.of(tensor("F32", "[99999999999999999999]", "[0,8]"), 8, "'x': shape has"),
        Arguments.of(tensor("F32", "2", "[0,8]"), 8, "'x': shape is not a list"),
        Arguments.of(tensor("F32", "[3]", "[0,8]"), 8, "'x': shape [3] of F32 does not fill"),
        Arguments.of(tensor("F32", "[4611686018427387904,4]", "[0,0]"), 0, "'x': shape"),
        Arguments.of(tensor("F32", "[2]", "[0]"), 8, "'x': data_offsets [0]"),
        Arguments.of(tensor("F32", "[2]", "[8,0]"), 8, "'x': data_offsets [8, 0]"),
        Arguments.of(tensor("F32", "[2]", "[-8,0]"), 8, "'x': data_offsets has '-8'"),
        Arguments.of(tensor("F32", "[2]", "[0,8]"), 7, "'x': data_offsets [0, 8] end past"),
        Arguments.of(tensor("F32", "[2]", "[0,8]"), 9, "1 bytes longer"),
        Arguments.of("{}", 4, "4 bytes longer"),
        Arguments.of("{" + GOOD + "," + inner("x", "[4,12]") + "}", 12, "'x': its data overlaps"),
        Arguments.of("{" + GOOD + "," + inner("x", "[12,20]") + "}", 20, "'x': 4 unused bytes"),
        Arguments.of(tensor("F32", "[2]", "[4,12]"), 12, "'x': 4 unused bytes"),
        Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__"),
        Arguments.of("{\"__metadata__\":[]}", 0, "__metadata__"),
        Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "two __metadata__"),
        Arguments.of("{\"line\\nbreak\":5}", 0, "'line?break'"),
        Arguments.of("{\"" + "n".repeat(5000) + "\":5}", 0, "nnn...'"));
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}".formatted(dtype, shape, offsets);
  }

  private static String inner(String name, String offsets) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":%s}".formatted(name, offsets);
  }

  @ParameterizedTest
  @MethodSource
  void brokenHeaders(String header, int dataBytes, String expected) throws IOException {
    assertRefused(RawSafeTensors.write(folder.resolve("broken.safetensors"), header, dataBytes), expected);
  }

  @Test
  void goodHeader() throws IOException {
    SafeTensors.open(RawSafeTensors.write(folder.resolve("good.safetensors"), "{" + GOOD + "}  ", 8)).close();
  }

  @ParameterizedTest
  @MethodSource
  void brokenLengths(long length, String expected) throws IOException {
    byte[] header = ("{" + GOOD + "}").getBytes(StandardCharsets.UTF_8);
    assertRefused(
        RawSafeTensors.write(folder.resolve("broken.safetensors"), length, header, new byte[8]), expected);
  }

  static Stream<Arguments> brokenLengths() {
    return Stream.of(
        Arguments.of(99_999_999L, "has only"),
        Arguments.of(100_000_001L, "limit of 100000000"),
        Arguments.of(Long.MAX_VALUE, "limit"),
        Arguments.of(-1L, "claims 18446744073709551615 bytes"),
        Arguments.of(0L, "not a JSON object"),
        Arguments.of(10L, "not JSON"));
  }

  @ParameterizedTest
  @MethodSource
  void otherFiles(byte[] content, String expected) throws IOException {
    assertRefused(Files.write(folder.resolve("other.safetensors"), content), expected);
  }

  static Stream<Arguments> otherFiles() {
    byte[] notUtf8 = {1, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    return Stream.of(
        Arguments.of(new byte[0], "0 bytes are too few"),
        Arguments.of(new byte[7], "7 bytes are too few"),
        Arguments.of(notUtf8, "not UTF-8"),
        Arguments.of(bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs pull"),
        Arguments.of(bytes("PK\u0003\u0004\0\0\b\b"), "pickle"),
        Arguments.of(bytes("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j"), "pickle"));
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void absentFileAndFolder() {
    assertRefused(folder.resolve("absent.safetensors"), "no such file");
    assertRefused(folder, "cannot read");
  }

  private static void assertRefused(Path file, String expected) {
    String message = failure(() -> SafeTensors.open(file).close());
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("; "), "no mend: " + message);
  }
}
