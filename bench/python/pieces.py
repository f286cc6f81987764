"""The pieces of a model that bench/java times, over torch, transformers and diffusers: same inputs, same names."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from attack import EmbeddingAttack
from forget_me_not import AttentionResteering

PROMPT = "a photograph of an astronaut riding a horse on the moon, highly detailed"
MIDDLE_TIMESTEP = 500
CONCEPT_POSITION = 5


class Model:
    """A diffusers folder, in float32."""

    def __init__(self, folder: Path):
        kind = {"torch_dtype": torch.float32, "local_files_only": True}
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        self.text_encoder = CLIPTextModel.from_pretrained(
            folder / "text_encoder", dtype=torch.float32, local_files_only=True
        ).requires_grad_(False)
        self.unet = UNet2DConditionModel.from_pretrained(folder / "unet", **kind).requires_grad_(False)
        self.vae = AutoencoderKL.from_pretrained(folder / "vae", **kind).requires_grad_(False)

    def ids(self, prompts) -> torch.Tensor:
        """Token ids, [B, 77]."""
        return self.tokenizer(
            prompts, padding="max_length", truncation=True, max_length=77, return_tensors="pt"
        ).input_ids

    def encode(self, ids) -> torch.Tensor:
        """The UNet's text context, [B, 77, D]."""
        return self.text_encoder(ids).last_hidden_state


def pieces(folder: Path):
    """Yields (benchmark, make): make() prepares the inputs and returns what is timed."""
    suite = Suite(folder)
    yield "lethe.bench.AttackBenchmark.step", suite.attack
    yield "lethe.bench.CheckpointLoadBenchmark.load", suite.load
    yield "lethe.bench.ForgetMeNotBenchmark.step", suite.forget_me_not
    yield "lethe.bench.TextEncoderBenchmark.encode", suite.text_encoder
    yield "lethe.bench.TokenizerBenchmark.encode", suite.tokenizer
    yield "lethe.bench.UNetBenchmark.forward", suite.unet_forward
    yield "lethe.bench.UNetBenchmark.forwardBackwardActivations", suite.unet_activations
    yield "lethe.bench.UNetBenchmark.forwardBackwardWeights", suite.unet_weights
    yield "lethe.bench.VaeBenchmark.decode", suite.vae_decode
    yield "lethe.bench.VaeBenchmark.encode", suite.vae_encode


class Suite:
    """Loads the model anew for each piece, so that none inherits another's gradients or processors."""

    def __init__(self, folder: Path):
        self.folder = folder

    def load(self):
        return lambda: Model(self.folder)

    def tokenizer(self):
        model = Model(self.folder)
        return lambda: model.tokenizer(PROMPT, padding="max_length", truncation=True, max_length=77).input_ids

    def text_encoder(self):
        model = Model(self.folder)
        ids = model.ids([PROMPT])
        return torch.no_grad()(lambda: model.encode(ids))

    def unet_forward(self):
        model, latents, context = self._unet_inputs()
        return torch.no_grad()(lambda: predict(model.unet, latents, context))

    def unet_activations(self):
        model, latents, context = self._unet_inputs()

        def run():
            leaf = context.detach().requires_grad_(True)
            predict(model.unet, latents, leaf).square().mean().backward()
            return leaf.grad

        return run

    def unet_weights(self):
        model, latents, context = self._unet_inputs()

        def run():
            model.unet.requires_grad_(True)
            predict(model.unet, latents, context).square().mean().backward()
            model.unet.zero_grad(set_to_none=True)
            model.unet.requires_grad_(False)

        return run

    def attack(self):
        model, latents, _ = self._unet_inputs()
        ids = model.ids([PROMPT])
        middle = len(model.tokenizer(PROMPT, add_special_tokens=False).input_ids)
        start = torch.randn(1, 1, model.text_encoder.config.hidden_size)

        def run():
            attack = EmbeddingAttack(model, ids, middle, start)
            return attack.step(latents, torch.tensor([MIDDLE_TIMESTEP]), latents)

        return run

    def forget_me_not(self):
        model, latents, context = self._unet_inputs()
        columns = torch.zeros(77, dtype=torch.bool)
        columns[CONCEPT_POSITION] = True
        resteering = AttentionResteering(model.unet, columns)
        return lambda: resteering.step(latents, torch.tensor([MIDDLE_TIMESTEP]), context)

    def vae_encode(self):
        model = Model(self.folder)
        side = model.unet.config.sample_size * 2 ** (len(model.vae.config.block_out_channels) - 1)
        image = torch.randn(1, 3, side, side).tanh()
        return torch.no_grad()(lambda: model.vae.encode(image).latent_dist.mean)

    def vae_decode(self):
        model = Model(self.folder)
        latents = self._latents(model)
        return torch.no_grad()(lambda: model.vae.decode(latents).sample)

    def _unet_inputs(self):
        model = Model(self.folder)
        with torch.no_grad():
            context = model.encode(model.ids([PROMPT]))
        return model, self._latents(model), context

    @staticmethod
    def _latents(model):
        side = model.unet.config.sample_size
        return torch.randn(1, model.unet.config.in_channels, side, side)


def predict(unet, latents, context):
    return unet(latents, MIDDLE_TIMESTEP, encoder_hidden_states=context).sample
