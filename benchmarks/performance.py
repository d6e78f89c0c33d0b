"""Measure how fast studies are, and write it down as a page: python -m benchmarks.performance.

All comparisons are ratios within this one run, of medians of repeats in turn; seconds of different
runs or machines do not compare.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from pathlib import Path

from benchmarks.contenders import fetch
from benchmarks.studies import planning, study, tests, to_first_step
from benchmarks.training import (
    STEP_BYTES,
    STEP_FLOPS,
    against_others,
    by_batch,
    by_size,
    usable_cores,
)

from crossbreed.documentation.published import markdown
from crossbreed.storage.files import write_text
from crossbreed.storage.provenance import describe

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure all parts, or some; print and write them."""
    parts: dict[str, Callable[[Path, int], str]] = {
        "training": _training,
        "sizes": lambda folder, repeats: (
            "## Size of the population, batches of 32, one thread\n\n"
            f"{markdown(by_size(folder / 'data', repeats))}"
        ),
        "batches": lambda folder, repeats: (
            "## Size of the batch, 10 networks, one thread\n\n"
            f"{markdown(by_batch(folder / 'data', repeats))}"
        ),
        "start": lambda *_: (
            "## From starting a process to the end of its first step, 10 networks\n\n"
            f"{markdown(to_first_step())}"
        ),
        "planning": lambda *_: (
            f"## Planning the poster's study with six arms (a dry run)\n\n{markdown(planning())}"
        ),
        "studies": _studies,
        "tests": lambda *_: f"## Tests\n\n{tests(usable_cores())}",
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "benchmarks")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=parts, default=list(parts))
    arguments = parser.parse_args()
    fetch(arguments.folder / "data")
    texts = [_heading()]
    print(texts[0], flush=True)
    for part in arguments.parts:
        texts.append(parts[part](arguments.folder, arguments.repeats))
        print(f"\n{texts[-1]}", flush=True)
    write_text(arguments.folder / "performance.md", "\n\n".join(texts) + "\n")


def _heading() -> str:
    made_with = describe(ROOT)
    machine, packages = made_with["machine"], made_with["packages"]
    return (
        f"Measured on {datetime.date.today()}, commit {str(made_with['git_commit'])[:10]}.\n"
        f"{machine['processor']}, {usable_cores()} cores used, {machine['memory_gib']} GiB; "
        f"Python {made_with['python']}, torch {packages['torch']}, numpy {packages['numpy']}, "
        f"TensorFlow {packages.get('tensorflow-cpu') or packages.get('tensorflow')}."
    )


def _studies(folder: Path, _: int) -> str:
    texts = []
    for preset in ("ci", "laptop"):
        text, spent = study(folder / preset, folder / "data", usable_cores(), preset)
        texts.append(f"## The preset {preset}, both studies\n\n{text}\n\n{markdown(spent)}")
    return "\n\n".join(texts)


def _training(folder: Path, repeats: int) -> str:
    table = against_others(folder / "data", repeats)
    limit = table.attrs
    return (
        f"## Ways to train 10 networks, batches of 32, {usable_cores()} cores\n\n"
        f"{markdown(table)}\n\n"
        f"The limit: {limit['gflops']:.0f} GFLOP/s in large products of matrices and "
        f"{limit['gigabytes']:.0f} GB/s, in each process with all at work. A step of one network "
        f"multiplies {STEP_FLOPS / 1e6:.1f} MFLOP and moves {STEP_BYTES / 1e6:.1f} MB, one "
        f"after the other: {limit['at_best']:.2f} network-epochs a second at best."
    )


if __name__ == "__main__":
    main()
