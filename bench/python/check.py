"""Checks that the pieces compute what the golden sets hold; timing what is wrong would be worth nothing.

    python bench/python/check.py src/test/resources/golden/sd1-tiny src/test/resources/golden/sd2-tiny
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import DDPMScheduler
from safetensors.torch import load_file

from attack import EmbeddingAttack
from forget_me_not import AttentionResteering
from pieces import Model

ABSOLUTE, RELATIVE = 2e-5, 1e-4  # of the components, as in the golden sets' README
LOSS_RELATIVE = 1e-4
CHANGE_RELATIVE = 1e-2  # of what an attack adds to an embedding


def check(folder: Path) -> None:
    """Raises AssertionError where a piece differs."""
    golden = load_file(folder / "golden.safetensors")
    facts = json.loads((folder / "golden.json").read_text())
    model = Model(folder)
    with torch.no_grad():
        ids = model.ids(facts["prompts"])
        assert torch.equal(ids, golden["tokenizer/ids"]), f"{folder}: token ids differ"
        close(folder, "text encoder", model.encode(ids), golden["text_encoder/last_hidden_state"])
        for t in 0, 1, 261, 981, 999:
            out = model.unet(golden["unet/sample"], t, encoder_hidden_states=golden["unet/context"]).sample
            close(folder, f"UNet at timestep {t}", out, golden[f"unet/out_t{t}"])
        mean = model.vae.encode(golden["vae/image"]).latent_dist.mean
        close(folder, "VAE encoder", mean, golden["vae/mean"])
        close(folder, "VAE decoder", model.vae.decode(golden["vae/mean"]).sample, golden["vae/decoded"])
    check_attack(folder, model, golden, facts["attack"])
    check_forget_me_not(folder, model, golden, facts["fmn"])


def check_attack(folder, model, golden, facts) -> None:
    ids = model.ids([facts["word"]])
    with torch.no_grad():
        word = model.encode(ids)
    for run in "pgd_prefix_k_1_accumulated", "pgd_prefix_k_3_zeroed":
        start = golden[f"attack/{run}/init"]
        attack = EmbeddingAttack(
            model, ids, facts["words_in_prompt"], start, facts["lr"], accumulates=run.endswith("_accumulated")
        )
        for step, expected in enumerate(facts["runs"][run]):
            z, t = golden["attack/z"][step], golden["attack/t"][step : step + 1]
            with torch.no_grad():
                target = model.unet(z, t, encoder_hidden_states=word).sample
            loss = attack.step(z, t, target)
            same = abs(loss - expected) <= LOSS_RELATIVE * expected
            assert same, f"{folder}: loss {loss} of step {step} of {run}, not {expected}"
        change = golden[f"attack/{run}/final"] - start
        difference = (attack.adversarial.detach() - start - change).norm()
        assert difference <= CHANGE_RELATIVE * change.norm(), f"{folder}: the embedding that {run} finds differs"


def check_forget_me_not(folder, model, golden, facts) -> None:
    with torch.no_grad():
        context = model.encode(model.ids([facts["prompt"]]))
    schedule = DDPMScheduler.from_pretrained(folder / "scheduler")
    run = facts["runs"]["full"]
    columns = torch.tensor(run["positions"], dtype=torch.bool)
    # The golden runs have the published quirk: nothing is clipped where the whole UNet is trained.
    resteering = AttentionResteering(model.unet, columns, facts["lr"], facts["weight_decay"], max_grad_norm=None)
    for step, expected in enumerate(run["losses"]):
        t = golden["fmn/t"][step : step + 1]
        noisy = schedule.add_noise(golden["fmn/lat"][step], golden["fmn/noise"][step], t)
        loss = resteering.step(noisy, t, context)
        assert abs(loss - expected) <= LOSS_RELATIVE * expected, f"{folder}: loss {loss} of step {step}, not {expected}"


def close(folder, what, actual, expected) -> None:
    assert torch.allclose(actual, expected, rtol=RELATIVE, atol=ABSOLUTE), f"{folder}: the {what} differs"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        check(Path(argument))
        print(f"{argument}: all pieces match")
