package lethe.erase.advunlearn.latents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import lethe.GoldenPipeline;
import lethe.error.UserException;
import lethe.model.StableDiffusion;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentBankTest {
  private static final int STEPS = 4;
  private static final List<String> PROMPTS = List.of("a photo of chair", "a photo of dog", "a photo of tree");
  private static final LatentSettings SETTINGS = new LatentSettings("church", PROMPTS, 2, 3, STEPS, 64, 7);
  private static final FillListener GO_ON = (done, total) -> true;

  private static StableDiffusion model;

  private Scope scope;

  @TempDir Path folder;

  @BeforeAll
  static void loadModel() {
    model = LatentFixtures.tinyModel();
  }

  @AfterAll
  static void closeModel() {
    model.close();
  }

  @BeforeEach
  void openScope() {
    scope = new Scope();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  @Test
  void aDrawIsAStopOfATrajectoryWithTheFrozenPredictionsThere() {
    try (LatentBank bank = filled(SETTINGS, inMemory(2))) {
      for (long draw = 0; draw < 8; draw++) {
        ErasingLatents erasing = bank.erasing(draw);
        assertPredicted("church", erasing.latents(), erasing.timesteps(), erasing.conditional());
        assertPredicted("", erasing.latents(), erasing.timesteps(), erasing.unconditional());
        RetainLatents retain = bank.retain(draw, draw);
        assertEquals(2, retain.prompts().size());
        for (int i = 0; i < 2; i++) {
          assertPredicted(
              retain.prompts().get(i),
              retain.latents().narrow(0, i, 1),
              retain.timesteps().narrow(0, i, 1),
              retain.predictions().narrow(0, i, 1));
          assertEquals(
              stop(erasing.timesteps()), stop(retain.timesteps().narrow(0, i, 1)), "both losses share the stop");
        }
      }
    }
  }

  @Test
  void aDrawDependsOnItsNumberAlone() {
    try (LatentBank bank = filled(SETTINGS, inMemory(2));
        LatentBank again = filled(SETTINGS, inMemory(2))) {
      Tensor fifth = bank.erasing(5).latents();
      again.erasing(3);
      assertTrue(fifth.equal(again.erasing(5).latents()));
      assertTrue(bank.retain(5, 1).latents().equal(again.retain(5, 1).latents()));
    }
  }

  @Test
  void batchesGoThroughAllPromptsBeforeAnyComesAgain() {
    LatentSettings settings = new LatentSettings("church", PROMPTS, 1, 3, 2, 64, 7);
    try (LatentBank bank = filled(settings, inMemory(1))) {
      for (long pass = 0; pass < 5; pass++) {
        Set<String> seen = new HashSet<>();
        for (long i = 0; i < PROMPTS.size(); i++) {
          seen.addAll(bank.retain(0, pass * PROMPTS.size() + i).prompts());
        }
        assertEquals(Set.copyOf(PROMPTS), seen);
      }
    }
  }

  @Test
  void fillingSaysWhatItCost() {
    try (LatentBank bank = new LatentBank(model, SETTINGS, inMemory(2), GO_ON)) {
      FillRecord record = bank.fill();
      // 3 guided steps and 4 stops: with two predictions for the concept, one for a retain prompt.
      assertEquals(2 * (6 + 8) + 3 * (6 + 4), record.unetForwards());
      assertEquals(5, record.drawn());
      assertTrue(record.complete() && record.seconds() > 0);
    }
  }

  @Test
  void aSecondRunReusesWhatIsSaved() {
    Tensor first;
    try (LatentBank bank = filled(SETTINGS, onDisk(2))) {
      first = bank.erasing(1).conditional().clone();
    }
    try (LatentBank bank = new LatentBank(model, SETTINGS, onDisk(3), GO_ON)) {
      FillRecord record = bank.fill();
      assertEquals(5, record.reused());
      assertEquals(1, record.drawn(), "a larger bank adds to the smaller");
      assertEquals(14, record.unetForwards());
    }
    try (LatentBank bank = filled(SETTINGS, onDisk(2))) {
      assertTrue(first.equal(bank.erasing(1).conditional()));
    }
  }

  @Test
  void anInterruptedFillGoesOnToTheSameBank() {
    AtomicInteger passes = new AtomicInteger();
    try (LatentBank interrupted =
        new LatentBank(model, SETTINGS, onDisk(3), (done, total) -> passes.incrementAndGet() < 12)) {
      FillRecord record = interrupted.fill();
      assertFalse(record.complete());
      assertEquals(2, record.drawn());
      assertThrows(IllegalStateException.class, () -> interrupted.retain(0, 0));
    }
    try (LatentBank resumed = new LatentBank(model, SETTINGS, onDisk(3), GO_ON);
        LatentBank whole = filled(SETTINGS, inMemory(3))) {
      FillRecord record = resumed.fill();
      assertEquals(2, record.reused());
      for (long draw = 0; draw < 10; draw++) {
        ErasingLatents a = resumed.erasing(draw);
        ErasingLatents b = whole.erasing(draw);
        assertTrue(a.latents().equal(b.latents()) && a.timesteps().equal(b.timesteps()));
        assertTrue(a.conditional().equal(b.conditional()) && a.unconditional().equal(b.unconditional()));
        assertTrue(resumed.retain(draw, draw).predictions().equal(whole.retain(draw, draw).predictions()));
      }
    }
  }

  @Test
  void renewalExchangesOneTrajectoryOfEachKind() {
    try (LatentBank bank = new LatentBank(model, SETTINGS, onDisk(2), GO_ON);
        LatentBank resumed = new LatentBank(model, SETTINGS, inMemory(2), GO_ON)) {
      bank.fill();
      Tensor before = bank.erasing(0).latents().clone();
      for (int generation = 1; generation <= 2; generation++) {
        bank.renew(generation);
      }
      assertFalse(before.equal(bank.erasing(0).latents()), "two renewals of two trajectories leave none");
      resumed.renew(2);
      assertTrue(bank.erasing(0).latents().equal(resumed.erasing(0).latents()));
      assertTrue(bank.retain(0, 0).latents().equal(resumed.retain(0, 0).latents()));
    }
    // 2 of the concept and 3 of retain prompts at first, then 2 more of each.
    assertEquals(9, files().count());
  }

  @Test
  void aRenewalCanBeInterrupted() {
    try (LatentBank bank = new LatentBank(model, SETTINGS, inMemory(1), (done, total) -> done < 2 || total > 24)) {
      assertTrue(bank.fill().complete());
      assertThrows(CancellationException.class, () -> bank.renew(1));
    }
  }

  @Test
  void retainTrajectoriesServeOtherConcepts() {
    filled(SETTINGS, onDisk(1)).close();
    LatentSettings other =
        new LatentSettings("castle", List.of("a photo of tree", "a photo of cup"), 2, 3, STEPS, 64, 8);
    BankSettings size = new BankSettings(folder.resolve("other"), folder.resolve("bank/retain"), 1, 1, 0);
    try (LatentBank bank = new LatentBank(model, other, size, GO_ON)) {
      assertEquals(1, bank.fill().reused());
    }
  }

  @Test
  void aBankOfAnotherConceptIsRefused() {
    filled(SETTINGS, onDisk(1)).close();
    LatentSettings other = new LatentSettings("castle", PROMPTS, 2, 3, STEPS, 64, 7);
    assertRefused(other, "of another concept", "'church'", "'castle'");
  }

  @Test
  void aBankOfOtherSettingsIsRefused() {
    filled(SETTINGS, onDisk(1)).close();
    assertRefused(new LatentSettings("church", PROMPTS, 2, 4, STEPS, 64, 7), "start_guidance is '3.0'", "'4.0'");
    assertRefused(new LatentSettings("church", PROMPTS, 2, 3, 5, 64, 7), "ddim_steps is '4'", "'5'");
    filled(new LatentSettings("church", PROMPTS, 1, 3, STEPS, 64, 99), onDisk(1)).close();
  }

  @Test
  void aBankOfAnotherCheckpointIsRefused() {
    filled(SETTINGS, onDisk(1)).close();
    try (StableDiffusion other = LatentFixtures.tinyModel()) {
      other.unet().parameters().get("conv_in.bias").add_(new Scalar(1e-3f));
      UserException e =
          assertThrows(UserException.class, () -> new LatentBank(other, SETTINGS, onDisk(1), GO_ON));
      assertOneLine(e, "of another checkpoint", "unet_sha256");
    }
  }

  @Test
  void aBf16UNetMakesABankOfItsOwn() {
    try (StableDiffusion bf16 = LatentFixtures.tinyModel(DType.BF16);
        LatentBank bank = new LatentBank(bf16, SETTINGS, onDisk(1), GO_ON);
        LatentBank exact = filled(SETTINGS, inMemory(1))) {
      bank.fill();
      ErasingLatents drawn = bank.erasing(0);
      assertEquals(DType.F32, DType.of(drawn.conditional().scalar_type()));
      GoldenPipeline.assertClose(exact.erasing(0).latents(), drawn.latents(), 0.2, 0.1, "latents");
    }
    assertRefused(SETTINGS, "dtype is 'bf16', this run's is 'fp32'");
  }

  @Test
  void aTruncatedTrajectoryIsRefused() throws IOException {
    filled(SETTINGS, onDisk(1)).close();
    Path file = files().findFirst().orElseThrow();
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() - 100);
    }
    assertFillRefused(file, "damaged", "remove the file");
  }

  @Test
  void aTrajectoryWithAFlippedBitIsRefused() throws IOException {
    filled(SETTINGS, onDisk(1)).close();
    Path file = files().findFirst().orElseThrow();
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(raw.length() - 100);
      int old = raw.read();
      raw.seek(raw.length() - 100);
      raw.write(old ^ 1);
    }
    assertFillRefused(file, "are damaged", "remove the file");
  }

  @Test
  void aForeignTrajectoryIsRefused() throws IOException {
    filled(SETTINGS, onDisk(2)).close();
    List<Path> erasing = files().filter(file -> file.getParent().endsWith("erasing")).toList();
    Files.delete(erasing.get(1));
    Files.copy(erasing.get(0), erasing.get(1));
    try (LatentBank bank = new LatentBank(model, SETTINGS, onDisk(2), GO_ON)) {
      assertOneLine(assertThrows(UserException.class, bank::fill), erasing.get(1).toString(), "another latent bank");
    }
  }

  @Test
  void aFolderThatIsNoBankIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("bank/erasing"));
    Files.writeString(folder.resolve("bank/erasing/notes.txt"), "mine");
    assertRefused(SETTINGS, "no bank.json");
    Files.writeString(folder.resolve("bank/erasing/bank.json"), "{\"latent_bank\": ");
    assertRefused(SETTINGS, "not the description of a latent bank");
  }

  @Test
  void drawingFromAnEmptyBankFails() {
    try (LatentBank bank = new LatentBank(model, SETTINGS, inMemory(1), GO_ON)) {
      assertThrows(IllegalStateException.class, () -> bank.erasing(0));
    }
  }

  private static BankSettings inMemory(int trajectories) {
    return new BankSettings(null, null, trajectories, 1, 0);
  }

  private BankSettings onDisk(int trajectories) {
    Path bank = folder.resolve("bank");
    return new BankSettings(bank.resolve("erasing"), bank.resolve("retain"), trajectories, 1, 0);
  }

  private static LatentBank filled(LatentSettings settings, BankSettings size) {
    LatentBank bank = new LatentBank(model, settings, size, GO_ON);
    assertTrue(bank.fill().complete());
    return bank;
  }

  private Stream<Path> files() {
    try (Stream<Path> files = Files.walk(folder.resolve("bank"))) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList().stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(LatentSettings settings, String... expected) {
    assertOneLine(
        assertThrows(UserException.class, () -> new LatentBank(model, settings, onDisk(1), GO_ON)), expected);
  }

  private void assertFillRefused(Path file, String... expected) {
    try (LatentBank bank = new LatentBank(model, SETTINGS, onDisk(1), GO_ON)) {
      UserException e = assertThrows(UserException.class, bank::fill);
      assertOneLine(e, expected);
      assertOneLine(e, file.toString());
    }
  }

  private static void assertOneLine(UserException e, String... expected) {
    assertEquals(1, e.getMessage().lines().count());
    for (String part : expected) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private static int stop(Tensor timestep) {
    return (int) timestep.item_long() / 250;
  }

  private static void assertPredicted(String prompt, Tensor latents, Tensor timesteps, Tensor prediction) {
    Tensor expected =
        new UNetPredictor(model.unet()).predict(latents, timesteps, model.encodePrompts(List.of(prompt)));
    GoldenPipeline.assertComponentClose(expected, prediction, prompt);
  }
}
