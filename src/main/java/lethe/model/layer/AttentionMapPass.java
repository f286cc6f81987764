package lethe.model.layer;

import java.util.function.Supplier;
import lethe.kernel.AttentionScores;
import lethe.kernel.Provider;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A plain pass that also collects how strongly the image attends to chosen tokens, place by place.
 *
 * <p>A map is the mean of P = softmax(q k^T / sqrt(d)) over heads, cross-attention layers and passes: run through all
 * steps of a sampler, it says where in the picture a word was looked at. Layers whose grid is finer than {@link #SIDE}
 * are left out; coarser ones are interpolated to the finest that counts.
 */
public final class AttentionMapPass implements AttentionPass, AutoCloseable {
  /** Positions along the longer side of the finest grid that counts, as usual for such maps. */
  public static final int SIDE = 16;

  private final Provider provider;
  private final long images;
  private final long latentHeight;
  private final long latentWidth;
  private final long[] tokens;
  private final Grid finest;
  private Tensor sum; // [images, M, finest.height, finest.width]; null before the first layer
  private int layers;

  /** A feature map's size. */
  private record Grid(long height, long width) {
    /** What diffusers' stride-2 convolutions with padding 1 make of it. */
    Grid halved() {
      return new Grid((height + 1) / 2, (width + 1) / 2);
    }

    boolean counts() {
      return Math.max(height, width) <= SIDE;
    }
  }

  /**
   * @param provider on the network's device
   * @param images how many of a pass count, from its end: without the unconditional ones that guidance puts first
   * @param latentHeight of the latents, which need not be square
   * @param tokens M positions in the text context, the same for all images
   */
  public AttentionMapPass(Provider provider, long images, long latentHeight, long latentWidth, long... tokens) {
    this.provider = provider;
    this.images = images;
    this.latentHeight = latentHeight;
    this.latentWidth = latentWidth;
    this.tokens = tokens.clone();
    Grid grid = new Grid(latentHeight, latentWidth);
    while (!grid.counts()) {
      grid = grid.halved();
    }
    finest = grid;
  }

  @Override
  public Tensor selfAttention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return PredictionPass.INSTANCE.selfAttention(q, k, v, causal);
  }

  @Override
  public Tensor crossAttention(Tensor q, Tensor k, Supplier<Tensor> v) {
    Grid grid = grid(q.size(2));
    if (grid.counts()) {
      long first = q.size(0) - images;
      collect(q.narrow(0, first, images), k.narrow(0, first, images), grid);
    }
    return PredictionPass.INSTANCE.crossAttention(q, k, v);
  }

  @Override
  public Tensor cut(Tensor x) {
    return x;
  }

  private Grid grid(long positions) {
    Grid grid = new Grid(latentHeight, latentWidth);
    while (grid.height() * grid.width() > positions) {
      grid = grid.halved();
    }
    if (grid.height() * grid.width() != positions) {
      throw new IllegalArgumentException(
          positions + " positions are no halving of " + latentHeight + " x " + latentWidth + " latents");
    }
    return grid;
  }

  private void collect(Tensor q, Tensor k, Grid grid) {
    try (Scope scope = new Scope()) {
      Tensor maps = maps(q, k).view(images, tokens.length, grid.height(), grid.width());
      if (!grid.equals(finest)) {
        maps = torch.upsample_bilinear2d(maps, new long[] {finest.height(), finest.width()}, false);
      }
      if (sum == null) {
        sum = Scope.own(maps.clone());
      } else {
        sum.add_(maps);
      }
      layers++;
    }
  }

  /** [images, M, N] fp32. */
  private Tensor maps(Tensor q, Tensor k) {
    double scale = 1 / Math.sqrt(q.size(3));
    if (provider == Provider.NATIVE) {
      return AttentionScores.maps(q, k, scale, tokens);
    }
    try (Scope scope = new Scope()) {
      Tensor mean = torch.softmax(q.matmul(k.transpose(2, 3)).mul(new Scalar(scale)), -1).mean(1); // [images, N, T]
      Tensor positions = Tensor.create(tokens, tokens.length).to(q.device(), torch.ScalarType.Long);
      return scope.keep(mean.index_select(2, positions).transpose(1, 2).to(DType.F32.scalarType()).contiguous());
    }
  }

  /**
   * The means of what was collected.
   *
   * @return [images, M, h, w] fp32, probabilities; owned by the current scope
   * @throws IllegalStateException if no layer that counts was met
   */
  public Tensor maps() {
    if (sum == null) {
      throw new IllegalStateException("no pass has met cross-attention of at most " + SIDE + " positions a side");
    }
    return sum.div(new Scalar((double) layers));
  }

  @Override
  public void close() {
    if (sum != null) {
      sum.releaseReference();
      sum = null;
    }
  }
}
