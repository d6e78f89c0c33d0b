"""Numbers of the published results, put into the pages of README and docs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossbreed.errors import CrossbreedError
from crossbreed.reference.contents import (
    COMPARISON,
    CONDITIONS,
    DIFFERENCES,
    LEDGER_IN_WORDS,
    OUTCOMES,
    PROVENANCE,
)
from crossbreed.reference.settings import read_config
from crossbreed.statistics.barriers import barriers
from crossbreed.statistics.intervals import estimate

Cells = tuple[str, ...]
_BLOCK = re.compile(r"(<!-- results: ([\w ]+) -->\n).*?(<!-- end of results -->)", re.DOTALL)
_PATHS = {
    "plain": "as they are",
    "aligned": "hidden units matched",
    "repaired": "matched, and their spread restored (REPAIR)",
}


def fill(page: str, references: Path) -> str:
    """Return a page with its blocks of results written anew; all else stays.

    A block begins with a line such as `<!-- results: claims poster laptop -->` (what, of whom, of
    which reference) and ends with `<!-- end of results -->`.

    Parameters
    ----------
    page
        Markdown.
    references
        Folder of all references.

    Raises
    ------
    CrossbreedError
        If a block asks for what there is not.
    """

    def written(found: re.Match[str]) -> str:
        kind, *told = found[2].split()
        if kind not in _KINDS or not (references / told[-1]).is_dir():
            raise CrossbreedError(f"results: {found[2]}: there is nothing of that kind or name")
        return f"{found[1]}{_KINDS[kind](references / told[-1], *told[:-1])}\n{found[3]}"

    return _BLOCK.sub(written, page)


def _source(reference: Path, name: str) -> Mapping[str, Any]:
    sources = json.loads((reference / LEDGER_IN_WORDS).read_text(encoding="utf-8"))
    return next(source for source in sources if source["source"] == name)


def _answer(reference: Path, source: str) -> str:
    return "\n".join(f"> {sentence}" for sentence in _source(reference, source)["answer"])


def _claims(reference: Path, source: str) -> str:
    rows = [
        (
            one["statement"],
            one["holds if"],
            one["measured"] + ("" if one["interval"] == "none" else f" ({one['interval']})"),
            one["runs"],
            f"**{one['verdict']}**",
        )
        for one in _source(reference, source)["claims"]
    ]
    counted = "runs" if _source(reference, source)["study"] == "crossover" else "search seeds"
    return _table(("claim", "holds if", "measured (interval)", counted, "verdict"), rows)


def _arms(reference: Path) -> str:
    table = pd.read_csv(reference / COMPARISON)
    last = table[table["epoch"] == table["epoch"].max()]
    metrics = {
        "best_train_loss": ("best training loss", 100, 1, "%"),
        "mean_train_loss": ("mean training loss of all networks", 100, 1, "%"),
        "test_loss": ("test loss", 100, 1, "%"),
        "test_accuracy": ("test accuracy", 100, 2, "pp"),
    }
    rows: list[Cells] = []
    for (arm, other), group in last.groupby(["arm", "reference"], sort=False):
        known = {str(row["metric"]): row for row in group.to_dict("records")}
        cells = [
            _difference(known[metric], times, digits, unit)
            for metric, (_, times, digits, unit) in metrics.items()
        ]
        rows.append((f"`{arm}` - `{other}`", *cells))
    return _table(("difference", *(name for name, *_ in metrics.values())), rows)


def _difference(row: Mapping[Any, Any], times: float, digits: int, unit: str) -> str:
    """Write a difference with its interval."""
    middle, low, high = (
        times * row[name] for name in ("difference", "interval_low", "interval_high")
    )
    if math.isnan(low):
        return f"{middle:+.{digits}f} {unit}"
    return f"{middle:+.{digits}f} {unit} ({low:+.{digits}f} to {high:+.{digits}f})"


def _overfitting(reference: Path) -> str:
    """Set test losses at the end beside that of the baseline at half time, paired by run."""
    table = pd.read_csv(reference / OUTCOMES)
    half, last = sorted(table["epoch"].unique())[-2:]
    # Up to breeding all arms are the baseline.
    before = table[(table["arm"] == "baseline") & (table["epoch"] == half)].set_index("run")
    rows: list[Cells] = [("all, before breeding", str(half), *_losses(before), "")]
    level = float(read_config(reference)["statistics"]["confidence"])
    for arm, group in table[table["epoch"] == last].groupby("arm", sort=False):
        after = group.set_index("run")
        found = estimate(list(np.log(after["test_loss"] / before["test_loss"])), level)
        ends = [100 * math.expm1(end) for end in (found.mean, found.low, found.high)]
        difference = "{:+.1f} % ({:+.1f} to {:+.1f})".format(*ends)
        rows.append((f"`{arm}`", str(last), *_losses(after), difference))
    heads = ("arm", "epoch", "training loss", "test loss", "test accuracy")
    return _table((*heads, f"test loss less the one at epoch {half}"), rows)


def _losses(outcomes: pd.DataFrame) -> list[str]:
    return [
        f"{outcomes['best_train_loss'].mean():.4f}",
        f"{outcomes['test_loss'].mean():.3f}",
        f"{100 * outcomes['test_accuracy'].mean():.2f} %",
    ]


def _barrier(reference: Path) -> str:
    found = barriers(pd.read_csv(reference / "crossover/barrier.csv"))
    means = found.groupby(["path", "metric"])[["midpoint", "barrier"]].mean()
    rows: list[Cells] = []
    for path, label in _PATHS.items():
        if path in set(found["path"]):
            keys = [(path, metric) for metric in ("train_loss", "test_loss")]
            cells = [f"{value:.3f}" for value in means.loc[keys].to_numpy().ravel()]
            rows.append((label, *cells))
    heads = ("training loss half way", "barrier", "test loss half way", "barrier")
    return _table(("the second parent's units", *heads), rows)


def _modes(reference: Path) -> str:
    known = {
        row["contrast"]: [
            row[name] for name in ("mean_difference", "interval_low", "interval_high")
        ]
        for row in pd.read_csv(reference / DIFFERENCES).to_dict("records")
        if row["metric"] == "whole_validation_loss"
    }
    rows: list[Cells] = []
    for row in pd.read_csv(reference / "gender/table.csv").to_dict("records"):
        ends = known.get(f"{row['mode']} - baseline", [])
        difference = "{:+.3f} ({:+.3f} to {:+.3f})".format(*ends) if ends else ""
        loss = f"{row['whole_validation_loss_mean']:.3f}"
        rows.append((f"`{row['mode']}`", loss, difference, f"{row['parameters']:,.0f}"))
    return _table(("mode", "loss", "less the baseline", "parameters"), rows)


def _conditions(reference: Path) -> str:
    """Set the arms' differences side by side, a row for each condition."""
    table = pd.read_csv(reference / CONDITIONS)
    metrics = {"best_train_loss": "best training loss", "test_loss": "test loss"}
    shown = table[(table["reference"] == "baseline") & table["metric"].isin(metrics)]
    known = {(row["label"], row["arm"], row["metric"]): row for row in shown.to_dict("records")}
    columns = [(arm, metric) for arm in shown["arm"].unique() for metric in metrics]
    rows = [
        (label, *(_difference(known[label, *column], 100, 1, "%") for column in columns))
        for label in shown["label"].unique()
    ]
    return _table(("condition", *(f"`{arm}`, {metrics[one]}" for arm, one in columns)), rows)


def _setting(reference: Path) -> str:
    settings = read_config(reference)
    record = json.loads((reference / PROVENANCE).read_text(encoding="utf-8"))
    machine = record["machine"]
    images = settings["dataset"]["train"] or settings["dataset"]["available"]["train"]
    lines = []
    if "crossover" in settings["studies"]:
        cost = pd.read_csv(reference / "crossover/cost.csv")["network_epochs"].iloc[0]
        networks, epochs = settings["population"]["size"], settings["epochs"]
        lines.append(
            f"- Crossover study: {settings['runs']} runs of {networks} networks, {epochs} epochs, "
            f"{images:,} training images, {len(settings['arms'])} arms. A run of an arm costs "
            f"{cost:,.0f} network-epochs, those that arms share counted in each."
        )
    if "gender" in settings["studies"]:
        gender, language = settings["gender"], settings["language"]
        times = "once" if gender["final_seeds"] == 1 else f"{gender['final_seeds']} times"
        lines.append(
            f"- Gender study: {gender['seeds']} search seeds, {gender['generations']} generations "
            f"of {gender['individuals']} individuals, {language['tokens']:,} characters a training "
            f"in blocks of {language['block_size']}; winners trained anew {times}."
        )
    if "conditions" in settings["studies"]:
        lines.append(
            f"- Conditions: {len(settings['conditions'])}, of {settings['runs']} runs each, "
            f"{images:,} training images."
        )
    lines.append(
        f"- Preset `{settings['preset']}`, seed {settings['seed']}, commit "
        f"`{record['git_commit'][:12]}`, {machine['processor']}, {machine['cores']} cores, "
        f"torch {record['packages']['torch']}."
    )
    return "\n".join(lines)


def _table(heads: Cells, rows: Sequence[Cells]) -> str:
    lines: list[Cells] = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


_KINDS: dict[str, Callable[..., str]] = {
    "answer": _answer,
    "claims": _claims,
    "arms": _arms,
    "overfitting": _overfitting,
    "barrier": _barrier,
    "modes": _modes,
    "conditions": _conditions,
    "setting": _setting,
}
