package lethe.erase.advunlearn.latents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.scheduler.SchedulerConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DdimGridTest {
  private static NoiseSchedule schedule;

  @BeforeAll
  static void readSchedule() throws IOException {
    schedule =
        NoiseSchedule.of(
            SchedulerConfig.of(new ObjectMapper().readTree("{\"_class_name\": \"DDIMScheduler\"}")));
  }

  @Test
  void fiftyStepsAreThePublished49() {
    DdimGrid grid = new DdimGrid(schedule, 50);
    assertEquals(49, grid.steps());
    assertEquals(961, grid.timestep(0));
    assertEquals(1, grid.timestep(48));
    assertEquals(schedule.alphaCumprod(941), grid.alphaNext(0));
    assertEquals(schedule.alphaCumprod(0), grid.alphaNext(48));
  }

  @Test
  void aRunStopsWhereItsIndexPlusOneIsTheStop() {
    DdimGrid grid = new DdimGrid(schedule, 50);
    assertEquals(1, grid.stepsUntil(49));
    assertEquals(5, grid.stepsUntil(45));
    assertEquals(49, grid.stepsUntil(1));
    assertEquals(49, grid.stepsUntil(0));
  }

  @Test
  void aStopHasTheTimestepsOfItsShareOfTheSchedule() {
    DdimGrid grid = new DdimGrid(schedule, 50);
    assertEquals(600, grid.firstTimestep(30));
    assertEquals(620, grid.firstTimestep(31));
    // round(1 / 16 * 1000) is 62 in Python, halves going to even.
    assertEquals(62, new DdimGrid(schedule, 16).firstTimestep(1));
  }

  /** Among them those that do not divide 1000, and those whose published grid has a timestep 1000. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 16, 30, 50, 101, 300, 501, 999, 1000})
  void everyNumberOfStepsHasAPlaceForEveryStop(int ddimSteps) {
    DdimGrid grid = new DdimGrid(schedule, ddimSteps);
    assertEquals(0, grid.firstTimestep(0));
    assertEquals(1000, grid.firstTimestep(ddimSteps));
    for (int stop = 0; stop < ddimSteps; stop++) {
      assertTrue(grid.stepsUntil(stop) >= 0 && grid.stepsUntil(stop) <= grid.steps());
      assertTrue(grid.firstTimestep(stop) < grid.firstTimestep(stop + 1));
    }
    for (int index = 0; index < grid.steps(); index++) {
      assertTrue(grid.timestep(index) < 1000);
      assertTrue(grid.alpha(index) <= grid.alphaNext(index));
    }
  }

  @Test
  void moreStepsThanTimestepsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new DdimGrid(schedule, 1001));
    assertThrows(IllegalArgumentException.class, () -> new DdimGrid(schedule, 0));
  }
}
