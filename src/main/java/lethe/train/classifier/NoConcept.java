package lethe.train.classifier;

import java.util.List;
import lethe.tensor.Scope;
import lethe.train.Draws;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Pictures that show no concept, for the class of its own that they have: blank ones, clouds of noise, and artwork
 * smeared, taken to pieces or laid over each other beyond recognition. A model that has been made to forget draws such.
 */
final class NoConcept {
  static final int KINDS = 5;

  private NoConcept() {}

  /**
   * @param artwork [N, 3, S, S] from which to make them, N a multiple of 5 and S of 16
   * @return as many, of the same shape
   */
  static Tensor from(Tensor artwork, Draws draws) {
    long each = artwork.size(0) / KINDS;
    try (Scope scope = new Scope()) {
      List<Tensor> parts =
          List.of(
              blank(artwork.narrow(0, 0, each), draws),
              clouds(artwork.narrow(0, each, each), draws),
              smeared(artwork.narrow(0, 2 * each, each), draws),
              shuffled(artwork.narrow(0, 3 * each, each), draws),
              overlaid(artwork.narrow(0, 4 * each, each), draws));
      return scope.keep(torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0));
    }
  }

  /** One colour, often white, as the artwork's background is. */
  private static Tensor blank(Tensor like, Draws draws) {
    long count = like.size(0);
    Tensor colour = draws.uniform(-1, 1, count, 3, 1, 1);
    Tensor white = draws.chance(0.5, count, 1, 1, 1);
    return colour.add(white.mul(colour.neg().add_(new Scalar(1)))).expand_as(like).clone();
  }

  /** Noise of a coarse and a fine grain, on white or not. */
  private static Tensor clouds(Tensor like, Draws draws) {
    long count = like.size(0);
    long side = like.size(2);
    Tensor coarse = enlarged(draws.normal(count, 3, side / 16, side / 16), side);
    Tensor fine = enlarged(draws.normal(count, 3, side / 4, side / 4), side);
    Tensor share = draws.uniform(0, 1, count, 1, 1, 1);
    Tensor base = draws.uniform(-0.5, 1, count, 1, 1, 1);
    return coarse
        .mul(share)
        .add_(fine.mul(share.neg().add_(new Scalar(1))))
        .add_(base)
        .clamp_(new ScalarOptional(new Scalar(-1)), new ScalarOptional(new Scalar(1)));
  }

  /** Its mean colours on a grid of 4 x 4. */
  private static Tensor smeared(Tensor artwork, Draws draws) {
    long side = artwork.size(2);
    Tensor colours = torch.adaptive_avg_pool2d(artwork, side / 16, side / 16);
    return enlarged(colours, side).add_(draws.normal(artwork.shape()).mul_(new Scalar(0.05)));
  }

  /** Its 8 x 8 tiles of an eighth of the side in another order. */
  private static Tensor shuffled(Tensor artwork, Draws draws) {
    long count = artwork.size(0);
    long side = artwork.size(2);
    long tiles = 8;
    long tile = side / tiles;
    Tensor cut = artwork.reshape(count, 3, tiles, tile, tiles, tile).permute(2, 4, 0, 1, 3, 5);
    Tensor listed = cut.reshape(tiles * tiles, count, 3, tile, tile);
    Tensor mixed = listed.index_select(0, draws.permutation(tiles * tiles));
    return mixed
        .view(tiles, tiles, count, 3, tile, tile)
        .permute(2, 3, 0, 4, 1, 5)
        .reshape(count, 3, side, side);
  }

  /** The mean of itself and two others, one of them upside down. */
  private static Tensor overlaid(Tensor artwork, Draws draws) {
    long count = artwork.size(0);
    Tensor second = artwork.index_select(0, draws.permutation(count)).flip(2);
    Tensor third = artwork.index_select(0, draws.permutation(count)).flip(3);
    return artwork.add(second).add_(third).div_(new Scalar(3));
  }

  private static Tensor enlarged(Tensor x, long side) {
    return torch.upsample_bilinear2d(x, new long[] {side, side}, false);
  }
}
