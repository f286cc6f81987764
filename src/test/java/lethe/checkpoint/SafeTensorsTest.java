package lethe.checkpoint;

import static lethe.checkpoint.RawSafeTensors.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {
  @TempDir Path folder;
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = new Scope();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeComesBackAsItWas(DType dtype) {
    Path file = folder.resolve("typed.safetensors");
    Tensor tensor = torch.arange(new Scalar(24)).view(2, 3, 4).to(dtype.scalarType());
    SafeTensorsWriter.write(file, Map.of("x", tensor));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(dtype, read.info("x").dtype());
      assertArrayEquals(new long[] {2, 3, 4}, read.info("x").shape());
      assertEquals(24L * dtype.bytes(), read.info("x").bytes());
      assertTrue(read.tensor("x").equal(tensor));
      assertEquals(dtype, DType.of(read.tensor("x").scalar_type()));
      assertEquals(Map.of("format", "pt"), read.metadata());
    }
  }

  @Test
  void scalarsAndEmptyTensorsComeBack() {
    Path file = folder.resolve("odd.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("scalar", torch.ones(1).view(new long[0]));
    tensors.put("empty", torch.zeros(0));
    tensors.put("flat", torch.zeros(3, 0, 2));
    SafeTensorsWriter.write(file, tensors);
    try (SafeTensors read = SafeTensors.open(file)) {
      assertArrayEquals(new long[0], read.tensor("scalar").shape());
      assertEquals(1f, read.tensor("scalar").item_float());
      assertArrayEquals(new long[] {0}, read.tensor("empty").shape());
      assertArrayEquals(new long[] {3, 0, 2}, read.tensor("flat").shape());
    }
  }

  @Test
  void aFileWithoutTensorsIsAFile() {
    Path file = folder.resolve("none.safetensors");
    SafeTensorsWriter.write(file, Map.of(), Map.of());
    try (SafeTensors read = SafeTensors.open(file)) {
      assertTrue(read.names().isEmpty());
      assertTrue(read.metadata().isEmpty());
    }
  }

  @Test
  void nonContiguousTensorsAreWrittenInRowOrder() {
    Path file = folder.resolve("transposed.safetensors");
    Tensor tensor = torch.rand(5, 7).t();
    SafeTensorsWriter.write(file, Map.of("x", tensor));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertTrue(read.tensor("x").equal(tensor));
    }
  }

  @Test
  void tensorsAreOrderedByElementSizeThenNameAndAligned() {
    Path file = folder.resolve("mixed.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", torch.ones(3));
    tensors.put("bytes", torch.ones(3).to(DType.U8.scalarType()));
    tensors.put("a", torch.ones(5));
    tensors.put("half", torch.ones(5).to(DType.F16.scalarType()));
    tensors.put("long", torch.ones(1).to(DType.I64.scalarType()));
    SafeTensorsWriter.write(file, tensors);
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(List.of("long", "a", "b", "half", "bytes"), List.copyOf(read.names()));
      for (String name : read.names()) {
        assertEquals(0, read.info(name).begin() % read.info(name).dtype().bytes(), name);
      }
    }
  }

  @Test
  void readsWithoutCopying() {
    Path file = folder.resolve("mapped.safetensors");
    SafeTensorsWriter.write(file, Map.of("x", torch.zeros(8)));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(read.tensor("x").data_ptr().address(), read.tensor("x").data_ptr().address());
      read.tensor("x").fill_(new Scalar(3f));
      assertEquals(3f, read.tensor("x").mean().item_float(), "two views of one map");
    }
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(0f, read.tensor("x").mean().item_float(), "the map is private: the file is as it was");
    }
  }

  @Test
  void tensorsOutliveTheFile() {
    Path file = folder.resolve("outlived.safetensors");
    SafeTensorsWriter.write(file, Map.of("x", torch.ones(1000)));
    Tensor tensor;
    try (SafeTensors read = SafeTensors.open(file)) {
      tensor = read.tensor("x");
    }
    assertEquals(1000f, tensor.sum().item_float());
  }

  @Test
  void misalignedTensorsAreRead() throws IOException {
    String header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    for (int padding = 0; padding < 4; padding++) {
      Path file = folder.resolve("misaligned-" + padding + ".safetensors");
      byte[] json = (header + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
      RawSafeTensors.write(file, json.length, json, new byte[] {0, 0, -128, 63, 0, 0, 0, 64});
      try (SafeTensors read = SafeTensors.open(file)) {
        assertEquals(1f, read.tensor("x").select(0, 0).item_float());
        assertEquals(2f, read.tensor("x").select(0, 1).item_float());
      }
    }
  }

  @Test
  void readsPastTwoGigabytes() throws IOException {
    long filler = 2_200_000_000L;
    String header =
        "{\"filler\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
            + "\"tail\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}";
    byte[] json = header.formatted(filler, filler, filler, filler + 4).getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("sparse.safetensors");
    RawSafeTensors.write(file, json.length, json, new byte[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + json.length + filler + 4);
      sparse.seek(8 + json.length + filler);
      sparse.write(new byte[] {42, 0, 0, 0});
    }
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(42, read.tensor("tail").item_int());
      assertEquals(filler, read.tensor("filler").numel());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"with space", "größe", "重み"})
  void readsFilesUnderAnyName(String name) throws IOException {
    assumeTrue(Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode(name));
    Path file = Files.createDirectory(folder.resolve(name)).resolve("x.safetensors");
    SafeTensorsWriter.write(file, Map.of(name, torch.ones(2)));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(2f, read.tensor(name).sum().item_float());
    }
  }

  @Test
  void anUnknownTensorIsNamed() {
    Path file = folder.resolve("x.safetensors");
    SafeTensorsWriter.write(file, Map.of("x", torch.ones(2)));
    try (SafeTensors read = SafeTensors.open(file)) {
      String message = failure(() -> read.tensor("y"));
      assertTrue(message.contains("'y'") && message.contains(file.toString()), message);
    }
  }

  @Test
  void existingFilesAreNotOverwritten() throws IOException {
    Path file = Files.writeString(folder.resolve("precious.safetensors"), "precious");
    String message = failure(() -> SafeTensorsWriter.write(file, Map.of("x", torch.ones(2))));
    assertTrue(message.contains(file + ": exists already"), message);
    assertEquals("precious", Files.readString(file));
  }

  /** {@code /dev/full} is the kernel's own full disk: every write to it fails with "No space left on device". */
  @Test
  void aFullDiskIsNamedAndLeavesNothing() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    Path file = folder.resolve("x.safetensors");
    String message =
        failure(
            () ->
                AtomicOutput.file(
                    file,
                    channel -> {
                      SafeTensorsWriter.write(channel, Map.of("x", torch.ones(2)), Map.of());
                      try (FileChannel disk = FileChannel.open(full, StandardOpenOption.WRITE)) {
                        SafeTensorsWriter.write(disk, Map.of("x", torch.ones(2)), Map.of());
                      }
                    }));
    assertTrue(message.contains(file.toString()) && message.contains("No space left"), message);
    try (Stream<Path> left = Files.list(folder)) {
      assertFalse(left.findAny().isPresent(), "a half-written file was left");
    }
  }
}
