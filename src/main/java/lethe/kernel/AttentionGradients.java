package lethe.kernel;

import org.bytedeco.pytorch.Tensor;

/**
 * Gradients of the shapes and the type of q, k and v; views of [B, N, H, d] and [B, T, H, d] memory.
 *
 * @param dv null if v is
 */
public record AttentionGradients(Tensor dq, Tensor dk, Tensor dv) {}
