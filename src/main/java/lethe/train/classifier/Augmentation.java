package lethe.train.classifier;

import lethe.tensor.Scope;
import lethe.train.Draws;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What a drawn picture may do to a piece of artwork and still show it: it is moved, turned, mirrored, bent, blurred,
 * noisy, a little off in colour, or lacks a corner. Colours change little, because a style is partly its colours.
 */
final class Augmentation {
  private static final double TURN = Math.toRadians(15);
  private static final double SCALE = 0.22; // in natural logarithms
  private static final double STRETCH = 0.1;
  private static final double SHIFT = 0.2; // of half the side
  private static final double BEND = 0.06; // of half the side
  private static final int BEND_GRID = 5;
  private static final double GAIN = 0.15;
  private static final double OFFSET = 0.08;
  private static final double MOST_NOISE = 0.15;
  private static final int BILINEAR = 0;
  private static final int BORDER = 1;

  private Augmentation() {}

  /** @param images [B, 3, S, S] in [-1, 1]; the result is another tensor of that shape */
  static Tensor of(Tensor images, Draws draws) {
    try (Scope scope = new Scope()) {
      Tensor x = moved(images, draws);
      x = blurred(x, draws);
      x = recoloured(x, draws);
      x = cut(x, draws);
      return scope.keep(noisy(x, draws));
    }
  }

  private static Tensor moved(Tensor images, Draws draws) {
    long batch = images.size(0);
    long side = images.size(2);
    try (Scope scope = new Scope()) {
      Tensor turn = draws.uniform(-TURN, TURN, batch);
      Tensor scale = draws.uniform(-SCALE, SCALE, batch);
      Tensor stretch = draws.uniform(-STRETCH, STRETCH, batch);
      Tensor mirror = draws.chance(0.5, batch).mul_(new Scalar(-2)).add_(new Scalar(1));
      Tensor wide = scale.add(stretch).exp();
      Tensor high = scale.sub(stretch).exp();
      Tensor shiftX = draws.uniform(-SHIFT, SHIFT, batch);
      Tensor shiftY = draws.uniform(-SHIFT, SHIFT, batch);
      TensorVector rows =
          new TensorVector(
              turn.cos().mul(wide).mul(mirror), turn.sin().mul(high).neg(), shiftX,
              turn.sin().mul(wide).mul(mirror), turn.cos().mul(high), shiftY);
      Tensor theta = torch.stack(rows, 1).view(batch, 2, 3);
      Tensor grid = torch.affine_grid_generator(theta, images.shape(), false);
      Tensor bend =
          torch.upsample_bilinear2d(
              draws.normal(batch, 2, BEND_GRID, BEND_GRID).mul_(draws.uniform(0, BEND, batch, 1, 1, 1)),
              new long[] {side, side},
              true);
      return scope.keep(
          torch.grid_sampler(images, grid.add(bend.permute(0, 2, 3, 1)), BILINEAR, BORDER, false));
    }
  }

  /** Every second picture is mixed with its mean over 3 x 3 or 5 x 5 pixels. */
  private static Tensor blurred(Tensor x, Draws draws) {
    long batch = x.size(0);
    try (Scope scope = new Scope()) {
      Tensor once = mean3x3(x);
      Tensor twice = mean3x3(once);
      Tensor strong = draws.chance(0.5, batch, 1, 1, 1);
      Tensor share = draws.uniform(0, 1, batch, 1, 1, 1).mul_(draws.chance(0.5, batch, 1, 1, 1));
      Tensor soft = once.add(twice.sub(once).mul_(strong));
      return scope.keep(x.add(soft.sub(x).mul_(share)));
    }
  }

  private static Tensor mean3x3(Tensor x) {
    long[] one = {1, 1};
    // Pixels outside do not count, so that borders keep their brightness.
    return torch.avg_pool2d(x, new long[] {3, 3}, one, one, false, false, new LongOptional());
  }

  private static Tensor recoloured(Tensor x, Draws draws) {
    long batch = x.size(0);
    try (Scope scope = new Scope()) {
      Tensor gain = draws.uniform(1 - GAIN, 1 + GAIN, batch, 1, 1, 1);
      Tensor offset = draws.uniform(-OFFSET, OFFSET, batch, 3, 1, 1);
      return scope.keep(x.mul(gain).add_(offset));
    }
  }

  /** From every third picture a square of up to a quarter of the side is cut. */
  private static Tensor cut(Tensor x, Draws draws) {
    long batch = x.size(0);
    long side = x.size(2);
    try (Scope scope = new Scope()) {
      Tensor half = draws.uniform(side / 16.0, side / 8.0, batch, 1, 1, 1).mul_(draws.chance(0.33, batch, 1, 1, 1));
      Tensor places = torch.arange(new Scalar((double) side)).add_(new Scalar(0.5));
      Tensor rows = places.view(1, 1, side, 1).sub(draws.uniform(0, side, batch, 1, 1, 1)).abs().lt(half);
      Tensor columns = places.view(1, 1, 1, side).sub(draws.uniform(0, side, batch, 1, 1, 1)).abs().lt(half);
      Tensor colour = draws.uniform(-1, 1, batch, 3, 1, 1);
      return scope.keep(torch.where(rows.logical_and(columns), colour, x));
    }
  }

  private static Tensor noisy(Tensor x, Draws draws) {
    long batch = x.size(0);
    try (Scope scope = new Scope()) {
      Tensor deviation = draws.uniform(0, MOST_NOISE, batch, 1, 1, 1).mul_(draws.chance(0.5, batch, 1, 1, 1));
      return scope.keep(draws.normal(x.shape()).mul_(deviation).add_(x));
    }
  }
}
