"""One step of Forget-Me-Not's attention resteering (arXiv 2303.17591, section 3.2), over diffusers."""

import torch
from diffusers.models.attention_processor import Attention


class ScoreCollector:
    """An attention processor for attn2 that keeps the probabilities of the concept's columns."""

    def __init__(self, columns: torch.Tensor):
        self.columns = columns  # bool [T]
        self.scores: list[torch.Tensor] = []

    def __call__(self, attn: Attention, hidden_states, encoder_hidden_states=None, attention_mask=None, **_):
        q = attn.head_to_batch_dim(attn.to_q(hidden_states))
        k = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
        v = attn.head_to_batch_dim(attn.to_v(encoder_hidden_states))
        probabilities = attn.get_attention_scores(q, k, attention_mask)  # [B * H, N, T]
        self.scores.append(probabilities[:, :, self.columns])
        return attn.to_out[0](attn.batch_to_head_dim(probabilities @ v))


class AttentionResteering:
    """AdamW over the whole UNet; the loss is the L2 norm of all collected scores."""

    def __init__(self, unet, columns, lr=2e-6, weight_decay=0.01, max_grad_norm=1.0):
        self.unet = unet.requires_grad_(True)
        self.collector = ScoreCollector(columns)
        self.max_grad_norm = max_grad_norm
        processors = {
            name: self.collector if ".attn2." in name else processor
            for name, processor in unet.attn_processors.items()
        }
        unet.set_attn_processor(processors)
        self.optimizer = torch.optim.AdamW(unet.parameters(), lr=lr, weight_decay=weight_decay)

    def step(self, noisy_latents, timesteps, context) -> float:
        self.collector.scores.clear()
        self.unet(noisy_latents, timesteps, encoder_hidden_states=context)
        loss = torch.cat([scores.flatten() for scores in self.collector.scores]).norm()
        value = loss.item()
        loss.backward()
        if self.max_grad_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.unet.parameters(), self.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return value
