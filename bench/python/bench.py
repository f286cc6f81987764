"""Times the pieces, and writes the JSON that JMH writes: lethe bench compare-pytorch runs this beside the Java side.

    python bench/python/bench.py --model models/emoji-canvas --filter UNet --out torch.json
"""

import argparse
import importlib
import json
import platform
import re
import sys
import time
from pathlib import Path

NEEDED = "torch", "transformers", "diffusers", "safetensors"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", action="store_true", help="print versions and what is missing, as JSON, and end")
    parser.add_argument("--model", type=Path, default=Path("models/emoji-canvas"), help="a diffusers folder")
    parser.add_argument("--name", default="tiny", help="the parameter 'model' of the results")
    parser.add_argument("--filter", default="", help="only benchmarks whose name this regular expression finds")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=3, help="iterations that do not count")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of an iteration, which holds one call at least")
    parser.add_argument("--golden", type=Path, action="append", default=[], help="check the pieces on this set first")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def probe() -> dict:
    versions, missing = {"python": platform.python_version()}, []
    for name in NEEDED:
        try:
            versions[name] = importlib.import_module(name).__version__
        except Exception as e:  # a broken package is as good as none
            missing.append(f"{name} ({str(e).splitlines()[0] if str(e) else type(e).__name__})")
    return {"versions": versions, "missing": missing}


def iteration(call, seconds: float) -> float:
    """Milliseconds per call."""
    calls, start = 0, time.perf_counter()
    while True:
        call()
        calls += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return 1000 * elapsed / calls


def result(benchmark: str, options, raw: list[float]) -> dict:
    return {
        "benchmark": benchmark,
        "mode": "avgt",
        "threads": 1,
        "forks": 1,
        "params": {"model": options.name},
        "primaryMetric": {"score": sum(raw) / len(raw), "scoreUnit": "ms/op", "rawData": [raw]},
    }


def main() -> None:
    options = arguments()
    if options.probe:
        print(json.dumps(probe()))
        return
    import torch
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    diffusers_logging.set_verbosity_error()
    diffusers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    from check import check
    from pieces import pieces

    for folder in options.golden:
        check(folder)
    results = []
    for benchmark, make in pieces(options.model):
        if re.search(options.filter, benchmark):
            call = make()
            raw = [iteration(call, options.seconds) for _ in range(options.warmup + options.iterations)]
            results.append(result(benchmark, options, raw[options.warmup :]))
            print(f"{benchmark}: {results[-1]['primaryMetric']['score']:.3f} ms", file=sys.stderr)
    options.out.write_text(json.dumps(results, indent=1))
    print(f"threads: {torch.get_num_threads()}, precision: float32 ({torch.get_float32_matmul_precision()})")


if __name__ == "__main__":
    main()
