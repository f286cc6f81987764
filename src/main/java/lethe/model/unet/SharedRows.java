package lethe.model.unet;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Rows that several text contexts share. Under classifier-free guidance a latent passes through the network with two
 * contexts; what comes before the first cross-attention does not see them and is computed once.
 */
final class SharedRows {
  private SharedRows() {}

  /**
   * @param x [B, ...]
   * @param rows a multiple of B
   * @return [rows, ...] in the layout of {@code x}: all of {@code x} again and again; {@code x} itself if that is once
   */
  static Tensor repeat(Tensor x, long rows) {
    long times = rows / x.size(0);
    if (times == 1) {
      return x;
    }
    TensorVector copies = new TensorVector();
    for (long i = 0; i < times; i++) {
      copies.push_back(x);
    }
    return torch.cat(copies, 0);
  }
}
