package lethe.train.diffusion;

import lethe.tensor.DType;

/**
 * What the training of a diffusion model has beside any training's settings.
 *
 * @param freezeTextEncoder whether the text encoder is a given one
 * @param unetType what the UNet computes in, fp32 or bf16; the text encoder computes in fp32
 * @param workers replicas of the networks, each on a thread of its own with its share of the batch
 */
public record DiffusionSettings(boolean freezeTextEncoder, DType unetType, int workers) {}
