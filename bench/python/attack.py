"""AdvUnlearn's attack on a prompt's word embeddings (arXiv 2405.15234, equation 5), over transformers and diffusers."""

import torch


class EmbeddingAttack:
    """Puts adversarial rows behind the start token and moves them by Adam; only they get a gradient."""

    def __init__(self, model, ids, middle: int, start, lr=1e-3, accumulates=False):
        """
        ids: of the prompt, [1, 77]; middle: how many of them are the prompt itself; start: [1, k, D].
        accumulates: the published quirk, which never zeroes the gradient.
        """
        self.model = model
        self.ids = ids
        self.middle = middle
        with torch.no_grad():
            self.words = model.text_encoder.get_input_embeddings()(ids)  # [1, 77, D]
        self.adversarial = start.clone().requires_grad_(True)
        self.optimizer = torch.optim.Adam([self.adversarial], lr=lr)
        self.accumulates = accumulates

    def context(self):
        """The UNet's text context, [1, 77, D]."""
        end = 1 + self.middle
        rows = self.adversarial.shape[1]
        parts = self.words[:, :1], self.adversarial, self.words[:, 1:end], self.words[:, end + rows :]
        return encode_embeddings(self.model.text_encoder, self.ids, torch.cat(parts, dim=1))

    def step(self, latents, timestep, target) -> float:
        """The loss before the step."""
        if not self.accumulates:
            self.optimizer.zero_grad()
        prediction = self.model.unet(latents, timestep, encoder_hidden_states=self.context()).sample
        loss = torch.nn.functional.mse_loss(prediction, target)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def encode_embeddings(text_encoder, ids, embeddings):
    """The last hidden state of word embeddings in place of the ids' own, for which CLIPTextModel has no argument."""
    words = text_encoder.get_input_embeddings()
    hook = words.register_forward_hook(lambda module, arguments, output: embeddings)
    try:
        return text_encoder(ids).last_hidden_state
    finally:
        hook.remove()
