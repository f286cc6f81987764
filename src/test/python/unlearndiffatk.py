"""UnlearnDiffAtk's loop in PyTorch, written from its paper and checked against its code: the numbers of
UnlearnDiffAtkReferenceTest. Needs torch, transformers and diffusers; run from the root of the repository."""

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

MODEL = "src/test/resources/golden/sd1-tiny"
K, PROMPT, TIMESTEPS, ITERATIONS, SEED = 2, "a photo of a church", (125, 375), 3, 5


def project(row):
    """Nearest point of the simplex, by bisection for the threshold as published, but to the end."""
    low, high = row.double().min() - 1, row.double().max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if (row - middle).clamp(0, 1).sum() > 1 else (low, middle)
    return (row - middle).clamp(0, 1).float()


def encode(embeddings):
    x = text.embeddings(inputs_embeds=embeddings)
    causal = torch.full((77, 77), float("-inf")).triu(1)[None, None]
    for layer in text.encoder.layers:
        x = layer(x, causal)
        x = x[0] if isinstance(x, tuple) else x
    return text.final_layer_norm(x)


torch.set_num_threads(1)
text = CLIPTextModel.from_pretrained(MODEL + "/text_encoder").eval().requires_grad_(False)
text = getattr(text, "text_model", text)
tokenizer = CLIPTokenizer.from_pretrained(MODEL + "/tokenizer")
unet = UNet2DConditionModel.from_pretrained(MODEL + "/unet").eval().requires_grad_(False)
alphas = DDIMScheduler.from_pretrained(MODEL + "/scheduler").alphas_cumprod
side = unet.config.sample_size
clean = torch.randn(1, unet.config.in_channels, side, side, generator=torch.Generator().manual_seed(0))
vocabulary = text.embeddings.token_embedding.weight[: len(tokenizer)]

ids = tokenizer(PROMPT, padding="max_length", max_length=77)["input_ids"]
length = ids.index(tokenizer.eos_token_id) - 1
words = vocabulary[torch.tensor(ids)]
p = torch.full((K, len(tokenizer)), 1 / len(tokenizer), requires_grad=True)
adam = torch.optim.Adam([p], lr=0.01, weight_decay=0.1)
generator = torch.Generator().manual_seed(SEED)
for t in TIMESTEPS:
    losses = []
    for _ in range(ITERATIONS):
        drawn = torch.multinomial(p.detach(), 1, generator=generator)[:, 0]
        one_hot = F.one_hot(drawn, len(tokenizer)).float().requires_grad_(True)
        # k positions behind the prompt make room: end-of-text tokens, as all that follow.
        joined = torch.cat([words[:1], one_hot @ vocabulary, words[1 : 1 + length], words[1 + length + K :]])
        noise = torch.randn(clean.shape, generator=generator)
        z = alphas[t].sqrt() * clean + (1 - alphas[t]).sqrt() * noise
        loss = F.mse_loss(unet(z, t, encoder_hidden_states=encode(joined[None])).sample, noise)
        loss.backward()
        losses.append(loss.item())
        p.grad = F.hardtanh(one_hot.grad)
        adam.step()
        p.data = torch.stack([project(row) for row in p.data])
    print(t, losses, p.argmax(1).tolist())
