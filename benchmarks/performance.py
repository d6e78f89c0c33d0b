"""Measure how fast studies are, and write it down as a page: python -m benchmarks.performance.

All comparisons are ratios within this one run, of medians of repeats in turn; seconds of different
runs or machines do not compare.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from benchmarks.contenders import fetch
from benchmarks.machine import step_bytes, step_flops
from benchmarks.orchestration import nothing_to_do, planning, training_share
from benchmarks.start import to_first_step
from benchmarks.training import against_others, by_batch, by_size, usable_cores

from crossbreed.storage.files import write_text
from crossbreed.storage.provenance import describe

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Measure all parts, or some; print and write them."""
    given = _arguments(arguments)
    fetch(given.folder / "data")
    parts: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
        "training": _training,
        "sizes": _sizes,
        "start": _start,
        "planning": _planning,
        "share": _share,
    }
    lines = list(_heading())
    print("\n".join(lines), flush=True)
    for part in given.parts or parts:
        for line in parts[part](given):
            print(line, flush=True)
            lines.append(line)
    write_text(given.folder / "performance.md", "\n".join(lines) + "\n")
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "benchmarks")
    parser.add_argument("--repeats", type=int, default=5)
    names = ("training", "sizes", "start", "planning", "share")
    parser.add_argument("--parts", nargs="+", choices=names, help="default: all")
    return parser.parse_args(arguments)


def _heading() -> Iterator[str]:
    found = describe(ROOT)
    machine, packages = found["machine"], found["packages"]
    yield f"Measured on {datetime.date.today()}, commit {str(found['git_commit'])[:10]}."
    yield (
        f"{machine['processor']}, {usable_cores()} cores used, {machine['memory_gib']} GiB; "
        f"Python {found['python']}, torch {packages['torch']}, numpy {packages['numpy']}, "
        f"TensorFlow {packages.get('tensorflow-cpu') or packages.get('tensorflow')}."
    )


def _training(given: argparse.Namespace) -> Iterator[str]:
    cores = usable_cores()
    table = against_others(given.folder / "data", cores, given.repeats)
    yield f"\n## Ways to train 10 networks, batches of 32, {cores} cores\n"
    yield _markdown(
        table,
        network_epochs_per_second="{:.2f}",
        ratio="{:.1f}",
        share_of_limit="{:.0%}",
    )
    facts = table.attrs
    yield (
        f"\nThe limit: {facts['gflops']:.0f} GFLOP/s in large products of matrices and "
        f"{facts['gigabytes']:.0f} GB/s, in each process with all at work. A step of one network "
        f"multiplies {step_flops(32) / 1e6:.1f} MFLOP and moves {step_bytes() / 1e6:.1f} MB, one "
        f"after the other: {facts['at_best']:.2f} network-epochs a second at best."
    )


def _sizes(given: argparse.Namespace) -> Iterator[str]:
    data = given.folder / "data"
    yield "\n## Size of the population, batches of 32, one thread\n"
    sizes = by_size(data, given.repeats)
    yield _markdown(sizes, seconds="{:.3f}", peak_memory_mb="{:.0f}")
    yield "\n## Size of the batch, 10 networks, one thread\n"
    yield _markdown(by_batch(data, given.repeats), seconds="{:.3f}")


def _start(_: argparse.Namespace) -> Iterator[str]:
    yield "\n## From starting a process to the end of its first step, 10 networks\n"
    yield _markdown(to_first_step(), seconds="{:.1f}")


def _planning(_: argparse.Namespace) -> Iterator[str]:
    yield "\n## Planning the poster's study with six arms (a dry run)\n"
    yield _markdown(planning(), seconds="{:.1f}")


def _share(given: argparse.Namespace) -> Iterator[str]:
    """Run the laptop's crossover study from nothing."""
    folder = given.folder / "laptop"
    cores = usable_cores()
    snakemake = Path(sys.executable).parent / "snakemake"
    command = [str(snakemake), "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    data = (given.folder / "data").resolve()
    configured = ["--config", "studies=[crossover]", f"data={{mirror: {data}}}"]
    subprocess.run(
        [*command, "--cores", str(cores), "--forceall", "--quiet", *configured],
        check=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    found = training_share(folder / "results" / "laptop", cores)
    yield "\n## The crossover study of the preset laptop\n"
    yield (
        f"{found['wall_seconds']:.0f} s on {cores} cores; {found['training_seconds']:.0f} s of "
        f"{found['job_seconds']:.0f} s of jobs were epochs ({found['jobs']:.0f} training jobs): "
        f"{found['not_training']:.0%} of the cores' time was not training."
    )
    yield f"Again, with nothing to do: {nothing_to_do(folder, 'laptop'):.1f} s."


def _markdown(table: pd.DataFrame, **forms: str) -> str:
    shown = table.copy()
    for column, form in forms.items():
        shown[column] = [form.format(value) for value in table[column]]
    rows = [list(map(str, row)) for row in shown.itertuples(index=False)]
    head = [str(column).replace("_", " ") for column in shown.columns]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
