"""Writes runs.json: what diffusers' schedulers make of an analytic model. See README.md.

    PYTHONPATH=<diffusers>/src python generate.py
"""

import json
import math
import pathlib

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_lms_discrete import LMSDiscreteScheduler
from diffusers.schedulers.scheduling_pndm import PNDMScheduler

CLASSES = {
    "pndm": PNDMScheduler,
    "ddim": DDIMScheduler,
    "euler": EulerDiscreteScheduler,
    "dpm++2m": DPMSolverMultistepScheduler,
    "lms": LMSDiscreteScheduler,
}
STABLE_DIFFUSION = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SHAPE = (2, 1, 2, 3)
START = torch.randn(SHAPE, generator=torch.Generator().manual_seed(7))
ETA_SEED = 3


def model(x, t):
    return x * (0.3 * math.cos(float(t) / 200)) + 0.1


def numbers(values):
    return [float(f"{float(v):.9g}") for v in values]


def run(scheduler, steps, eta):
    scheduler.set_timesteps(steps)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    sample = START * scheduler.init_noise_sigma
    more = {"eta": eta, "generator": torch.Generator().manual_seed(ETA_SEED)} if eta else {}
    for t in scheduler.timesteps:
        output = model(scheduler.scale_model_input(sample, t), t)
        sample = scheduler.step(output, t, sample, **more).prev_sample
    return sample


def case(name, settings, steps, target=None, eta=0.0):
    scheduler = CLASSES[name](**settings)
    # Written out as save_config does, defaults included, since that is what model folders hold.
    config = json.loads(scheduler.to_json_string())
    del config["_diffusers_version"]
    if target:
        # As StableDiffusionPipeline does: DDIM's clipping is for pixels.
        changes = {"clip_sample": False} if target == "ddim" else {}
        scheduler = CLASSES[target].from_config(scheduler.config, **changes)
    sample = run(scheduler, steps, eta)
    return {
        "config": config,
        "scheduler": target or name,
        "steps": steps,
        "eta": eta,
        "timesteps": numbers(scheduler.timesteps),
        "init_noise_sigma": numbers([scheduler.init_noise_sigma])[0],
        "latents": numbers(sample.flatten()),
    }


def cases():
    # Written out in published folders, so given here; timestep_spacing is not.
    pndm = {"skip_prk_steps": True, "steps_offset": 1, "set_alpha_to_one": False}
    for name in CLASSES:
        own = pndm if name == "pndm" else {}
        for prediction in ("epsilon", "v_prediction"):
            for spacing in ("leading", "trailing", "linspace"):
                for steps in (1, 2, 3, 8, 20, 50):
                    settings = {"prediction_type": prediction, "timestep_spacing": spacing, **STABLE_DIFFUSION, **own}
                    yield case(name, settings, steps)
        if name != "pndm":
            yield case(name, {"prediction_type": "sample", **STABLE_DIFFUSION}, 8)
        if name in ("euler", "dpm++2m", "lms"):
            yield case(name, {"use_karras_sigmas": True, **STABLE_DIFFUSION}, 8)
            yield case(name, {"use_karras_sigmas": True, "timestep_spacing": "leading", **STABLE_DIFFUSION}, 20)
        if name in ("euler", "dpm++2m"):
            yield case(name, {"final_sigmas_type": "sigma_min", **STABLE_DIFFUSION}, 8)
        if name in ("ddim", "euler", "dpm++2m"):
            # Euler's unscaled samples start at 4096 with trailing spacing: float32 then holds no 5 digits of the result.
            spacing = "leading" if name == "euler" else "trailing"
            zero_snr = {"rescale_betas_zero_snr": True, "timestep_spacing": spacing}
            yield case(name, {"prediction_type": "v_prediction", **zero_snr, **STABLE_DIFFUSION}, 8)
        yield case(name, {"beta_schedule": "squaredcos_cap_v2", **own}, 8)
        betas = [0.02, 0.03, 0.05, 0.04, 0.06, 0.08, 0.1, 0.2]
        yield case(name, {"trained_betas": betas, "num_train_timesteps": len(betas)}, 5)
        # Another scheduler on the config of a Stable Diffusion model: the spacing, not given, does not carry over.
        yield case("pndm", {**STABLE_DIFFUSION, **pndm}, 8, target=name)
        yield case("pndm", {**STABLE_DIFFUSION, **pndm, "timestep_spacing": "trailing"}, 8, target=name)

    for prediction in ("epsilon", "v_prediction"):
        for spacing in ("leading", "trailing", "linspace"):
            for steps in (4, 5, 20):
                settings = {"prediction_type": prediction, "timestep_spacing": spacing, **STABLE_DIFFUSION}
                yield case("pndm", settings, steps)
    yield case("pndm", {**pndm, "set_alpha_to_one": True}, 8)
    yield case("ddim", {"set_alpha_to_one": False, "clip_sample": False, "steps_offset": 1, **STABLE_DIFFUSION}, 8)
    yield case("ddim", {"clip_sample_range": 0.25, **STABLE_DIFFUSION}, 8)
    yield case("ddim", {**STABLE_DIFFUSION, "clip_sample": False}, 8, eta=0.5)
    yield case("euler", {"use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 10.0, **STABLE_DIFFUSION}, 8)
    yield case("dpm++2m", {"lower_order_final": False, "final_sigmas_type": "sigma_min", **STABLE_DIFFUSION}, 8)
    yield case("dpm++2m", {"euler_at_final": True, "final_sigmas_type": "sigma_min", **STABLE_DIFFUSION}, 20)
    yield case("dpm++2m", {"beta_schedule": "squaredcos_cap_v2", "lambda_min_clipped": -5.1}, 20)
    yield case("dpm++2m", {"beta_schedule": "squaredcos_cap_v2", "use_karras_sigmas": True}, 8)


def main():
    lines = [json.dumps(c, separators=(",", ":")) for c in cases()]
    head = json.dumps({"shape": SHAPE, "start": numbers(START.flatten()), "eta_seed": ETA_SEED})
    text = head[:-1] + ',\n"runs": [\n' + ",\n".join(lines) + "\n]}\n"
    pathlib.Path(__file__).with_name("runs.json").write_text(text)
    print(len(lines), "runs")


main()
